//! Services: their parameters, their resources and their life.
#![cfg(feature = "service")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

mod support;

mod blocking;
mod bus;
mod children;
mod clock;
mod crowds;
mod doubles;
mod drawing;
mod edges;
mod hanging;
mod health;
mod inside;
mod listen;
mod ownership;
mod params;
#[cfg(unix)]
mod processes;
mod reports;
mod requests;
mod restart;
mod rules;
mod start;
mod stop;
mod watching;
mod whole;
mod workers;
