//! `Store` and `Model`: each test names the promise of the design that it holds.

mod attack;
mod collections;
mod domain;
mod faults;
#[cfg(feature = "imbl")]
mod large;
mod model;
mod order;
#[cfg(feature = "indexmap")]
mod ordered;
mod places;
mod reference;
mod safety;
mod store;
mod streams;
mod upserts;
