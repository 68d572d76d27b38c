//! Caches of one value: promises C1 to C8.

mod cells;
mod dependencies;
mod expiry;
mod failures;
mod invalidation;
mod late_results;
mod life;
mod reentrancy;
mod reference;
mod refreshing;
mod single_flight;
mod support;
mod teardown;
mod throttle;
