//! The key of a map lacks a trait that keys need.
//!
//! Derive `Clone`, `Debug`, `PartialEq`, `Eq` and `Hash` for it.

use std::collections::BTreeMap;

use sprag::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct RoomId(String);

#[derive(Model, Clone, Default, PartialEq)]
struct House {
    rooms: BTreeMap<RoomId, u8>, //~ ERROR
}

fn main() {
    let house = create_model("house", House::default());
    assert!(house.snapshot().rooms.is_empty());
    let _ = RoomId(String::new()).0;
}
