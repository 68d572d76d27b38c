//! `Store` and `Model`: each test names the promise of the design that it holds.

#[path = "state/attack.rs"]
mod attack;
#[path = "state/collections.rs"]
mod collections;
#[path = "state/domain.rs"]
mod domain;
#[cfg(feature = "imbl")]
#[path = "state/large.rs"]
mod large;
#[path = "state/model.rs"]
mod model;
#[path = "state/order.rs"]
mod order;
#[cfg(feature = "indexmap")]
#[path = "state/ordered.rs"]
mod ordered;
#[path = "state/places.rs"]
mod places;
#[path = "state/reference.rs"]
mod reference;
#[path = "state/safety.rs"]
mod safety;
#[path = "state/store.rs"]
mod store;
#[path = "state/streams.rs"]
mod streams;
