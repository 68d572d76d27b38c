//! `Store` and `Model`: the name of a test begins with the promise that it checks.

mod attack;
mod captured;
mod collections;
mod domain;
mod each;
mod faults;
mod feedback;
#[cfg(feature = "imbl")]
mod large;
mod left;
mod lets_go;
mod model;
mod order;
#[cfg(feature = "indexmap")]
mod ordered;
mod outlines;
mod panics;
mod places;
mod puppets;
mod reference;
mod results;
mod safety;
mod store;
mod streams;
mod transaction_cost;
mod transaction_room;
mod transactions;
mod undone;
mod upserts;
mod views;
