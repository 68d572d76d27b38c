//! The cell, transactions, caches, waves and the bus under a schedule explorer: random
//! interleavings of a few threads, at every lock and atomic of `sprag_runtime`'s `sync`.
//!
//! ```text
//! RUSTFLAGS="--cfg sprag_shuttle" cargo test -p sprag-runtime --no-default-features --test schedules
//! ```
//!
//! Under that cfg a backlog is two rounds, so that roles are handed over. The explorer switches
//! nowhere inside other crates: not in `arc-swap`, and not in the map of a keyed cache.
#![cfg(sprag_shuttle)]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

mod bus;
mod caches;
mod cell;
mod explored;
mod keyed;
mod nested;
mod transactions;
mod waves;
