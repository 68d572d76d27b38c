//! What a service is given, what it owns, and how its life goes.
#![cfg(feature = "service")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

#[path = "service/support.rs"]
mod support;

#[path = "service/edges.rs"]
mod edges;
#[path = "service/health.rs"]
mod health;
#[path = "service/ownership.rs"]
mod ownership;
#[path = "service/requests.rs"]
mod requests;
#[path = "service/start.rs"]
mod start;
#[path = "service/stop.rs"]
mod stop;
