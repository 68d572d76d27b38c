//! S4, S5, S8, S10: what each way to fail does in each place where users' code runs, on both
//! runtimes, and that starting and stopping again and again leaves nothing behind. The
//! table is a page of the docs; `SPRAG_BLESS=1` writes it anew.
#![cfg(all(feature = "service", unix))]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

mod aborts;
mod case;
mod outcome;
mod pairs;
mod rounds;
mod table;
