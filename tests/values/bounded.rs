//! D0, W8: JSON up to a length costs that length, and not the value.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use serde::{Serialize, Serializer};
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::json_within;

static WRITTEN: AtomicUsize = AtomicUsize::new(0);

/// A value that counts how often it is serialised.
#[derive(Clone, Debug, PartialEq)]
struct Counted;

impl Serialize for Counted {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WRITTEN.fetch_add(1, Relaxed);
        serializer.serialize_str("counted")
    }
}

/// A value that serde cannot write.
#[derive(Clone, Debug, PartialEq)]
struct Unwritable;

impl Serialize for Unwritable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it is broken"))
    }
}

#[derive(Model, Clone, Debug, Serialize)]
struct House {
    #[model(leaf)]
    broken: Vec<Unwritable>,
    #[model(leaf)]
    rooms: Vec<Counted>,
    #[serde(skip_serializing_if = "Option::is_none")]
    topic: Option<String>,
}

#[test]
fn d0_json_up_to_a_length_ends_at_that_length() {
    let house = House { broken: vec![Unwritable], rooms: vec![Counted; 10_000], topic: None };
    let within = |name: &str, limit| {
        json_within(&house, &Address::from_iter([name.into()]), limit).expect("it is a place")
    };
    assert_eq!(within("rooms", 100), None);
    assert!(WRITTEN.load(Relaxed) < 20, "{WRITTEN:?} of 10,000 elements are serialised");
    assert_eq!(within("rooms", 100_001).map(|json| json.len()), Some(100_001));
    assert_eq!(within("rooms", 100_000), None);
    // An omitted place is `null`, however short the limit is.
    assert_eq!(within("topic", 0).as_deref(), Some("null"));
    let fails = |name: &str| json_within(&house, &Address::from_iter([name.into()]), 100).is_err();
    assert!(fails("cellar"), "there is no such place");
    assert!(fails("broken"), "serde's own error is not a lack of room");
}
