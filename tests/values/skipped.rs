//! Fields that serde skips are neither reached nor lost.

#![allow(dead_code, reason = "some fields are seen by serde alone")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::error::PathError;
use sprag::prelude::*;

/// A type without serde's traits, which is not a state either.
#[derive(Clone, Debug, Default, PartialEq)]
struct Connection(u32);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Hub {
    name: String,
    #[serde(skip)]
    secret: Inner,
    #[model(skip)]
    #[serde(skip)]
    connection: Connection,
    /// Known to serde only.
    #[model(skip)]
    note: String,
    inner: Inner,
    link: Link,
    maybe: Option<Box<Inner>>,
    list: Vec<Inner>,
    map: BTreeMap<u8, Inner>,
    computed: Computed,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Inner {
    shown: u8,
    #[serde(skip)]
    hidden: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Link {
    #[default]
    Down,
    Up {
        speed: u8,
        #[model(skip)]
        #[serde(skip)]
        connection: Connection,
    },
    Pair(u8, #[serde(skip)] u8, u8),
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Computed {
    base: u8,
    #[serde(skip_deserializing)]
    double: Inner,
    #[serde(rename(serialize = "out", deserialize = "in"), default)]
    both: u8,
    #[serde(skip_serializing, default)]
    password: String,
}

fn inner(shown: u8) -> Inner {
    Inner { shown, hidden: shown + 100 }
}

fn hub() -> Hub {
    Hub {
        name: "hub".into(),
        secret: inner(1),
        connection: Connection(1),
        note: "n".into(),
        inner: inner(2),
        link: Link::Up { speed: 3, connection: Connection(2) },
        maybe: Some(Box::new(inner(4))),
        list: vec![inner(5), inner(6)],
        map: BTreeMap::from([(7, inner(7)), (8, inner(8))]),
        computed: Computed { base: 1, double: inner(9), both: 3, password: "p".into() },
    }
}

#[test]
fn a_round_trip_of_any_place_changes_nothing() {
    let model = create_model("hub", hub());
    for path in ["", "inner", "link", "maybe", "list", "map", "list.1", "map.7", "link.up.speed"] {
        let value = model.get_value(path).unwrap();
        if path.is_empty() {
            let mut value = value.clone();
            // The one name that serde reads otherwise than it writes it.
            value["computed"]["in"] = value["computed"]["out"].take();
            model.set_value(path, value).unwrap();
        } else {
            model.set_value(path, value.clone()).unwrap();
        }
        model.patch_value(path, json!({})).err();
        assert_eq!(model.snapshot().secret, inner(1), "{path}");
        assert_eq!(model.snapshot().connection, Connection(1), "{path}");
        assert_eq!(model.snapshot().inner, inner(2), "{path}");
        assert_eq!(model.snapshot().link, hub().link, "{path}");
        assert_eq!(model.snapshot().maybe, hub().maybe, "{path}");
        assert_eq!(model.snapshot().list, hub().list, "{path}");
        assert_eq!(model.snapshot().map, hub().map, "{path}");
        assert_eq!(model.snapshot().computed.double, inner(9), "{path}");
        assert_eq!(model.snapshot().computed.password, "p", "{path}");
    }
}

#[test]
fn a_write_keeps_the_fields_that_serde_skips() {
    let model = create_model("hub", hub());
    model.set_value("inner", json!({ "shown": 50 })).unwrap();
    model.set_value("map", json!({ "8": { "shown": 51 }, "9": { "shown": 52 } })).unwrap();
    model.set_value("list", json!([{ "shown": 53 }])).unwrap();
    model.set_value("link", json!({ "Up": { "speed": 54 } })).unwrap();
    model.patch_value("", json!({ "note": "m", "maybe": { "shown": 55 } })).err();

    let hub = model.snapshot();
    assert_eq!(hub.inner, Inner { shown: 50, hidden: 102 });
    assert_eq!(hub.map[&8], Inner { shown: 51, hidden: 108 });
    assert_eq!(hub.map[&9], Inner { shown: 52, hidden: 0 }, "a new entry");
    assert_eq!(hub.list, [Inner { shown: 53, hidden: 0 }], "an element of its own");
    assert_eq!(hub.link, Link::Up { speed: 54, connection: Connection(2) });
    assert_eq!(hub.maybe.as_deref(), Some(&Inner { shown: 55, hidden: 104 }));
    assert_eq!(hub.note, "m", "what only serde knows is written with its owner");
    assert_eq!(hub.connection, Connection(1));
}

#[test]
fn a_variant_that_comes_anew_has_nothing_to_keep() {
    let model = create_model("hub", hub());
    model.set_value("link", json!("Down")).unwrap();
    model.set_value("link", json!({ "Up": { "speed": 1 } })).unwrap();
    assert_eq!(model.snapshot().link, Link::Up { speed: 1, connection: Connection(0) });
}

#[test]
fn fields_of_a_tuple_keep_their_numbers_when_serde_skips_one() {
    let model = create_model("link", Link::Pair(1, 2, 3));
    assert_eq!(model.get_value("pair.2").unwrap(), json!(3));
    model.set_value("pair.2", json!(5)).unwrap();
    assert_eq!(*model.snapshot(), Link::Pair(1, 2, 5));
    assert!(matches!(model.get_value("pair.1"), Err(PathError::Skipped { .. })));
}

#[test]
fn a_skipped_field_is_not_reached() {
    let model = create_model("hub", hub());
    for path in ["secret", "secret.shown", "inner.hidden", "list.0.hidden", "computed.password"] {
        let refused = [model.get_value(path).err(), model.set_value(path, json!(1)).err()];
        for error in refused {
            assert!(matches!(error, Some(PathError::Skipped { .. })), "{path}");
        }
    }
    for path in ["connection", "note"] {
        assert!(matches!(model.get_value(path), Err(PathError::Unknown { .. })), "{path}");
    }
    assert_eq!(model.version(), 0);
}

#[test]
fn a_field_that_serde_does_not_deserialize_is_read_only() {
    let model = create_model("hub", hub());
    assert_eq!(model.get_value("computed.double.shown").unwrap(), json!(9));
    assert_eq!(model.get_value("computed.out").unwrap(), json!(3));
    for path in ["computed.double", "computed.double.shown", "computed.out"] {
        let error = model.set_value(path, json!(1)).unwrap_err();
        assert!(matches!(error, PathError::ReadOnly { .. }), "{path}: {error}");
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pair<T: Clone, const N: usize>
where
    T: Default,
{
    shown: T,
    #[serde(skip)]
    hidden: T,
    deep: Option<Box<Self>>,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Only<T> {
    One {
        shown: T,
        #[serde(skip)]
        hidden: Vec<u8>,
    },
}

#[test]
fn generic_types_keep_the_fields_that_serde_skips() {
    let inner = Pair { shown: 3, hidden: 4, deep: None };
    let pair = Pair::<u8, 2> { shown: 1, hidden: 2, deep: Some(Box::new(inner)) };
    let model = create_model("pair", pair);
    let value = json!({ "shown": 5, "deep": { "shown": 6, "deep": null } });
    model.set_value("", value).unwrap();
    let inner = Pair { shown: 6, hidden: 4, deep: None };
    let expected = Pair { shown: 5, hidden: 2, deep: Some(Box::new(inner)) };
    assert_eq!(*model.snapshot(), expected);

    let model = create_model("only", Only::One { shown: 1u8, hidden: vec![7] });
    model.set_value("", json!({ "One": { "shown": 2 } })).unwrap();
    assert_eq!(*model.snapshot(), Only::One { shown: 2, hidden: vec![7] });
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rooms {
    hall: Vec<Seat>,
    kitchen: Seat,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seat {
    name: String,
    #[serde(skip)]
    owner: u32,
}

#[test]
fn i6_a_place_that_gets_its_own_json_back_notifies_nobody() {
    let seat = Seat { name: "a".into(), owner: 7 };
    let rooms = create_model("rooms", Rooms { hall: vec![seat.clone(); 2], kitchen: seat });
    let count = Arc::new(AtomicUsize::new(0));
    let counts = |count: &Arc<AtomicUsize>| {
        let count = Arc::clone(count);
        move || {
            count.fetch_add(1, Ordering::Relaxed);
        }
    };
    let (hall, kitchen, all) = (counts(&count), counts(&count), counts(&count));
    let _hall = rooms.subscribe(Rooms::PATHS.hall, move |_, _| hall());
    let _kitchen = rooms.subscribe(Rooms::PATHS.kitchen, move |_, _| kitchen());
    let _all = rooms.subscribe(Rooms::PATHS, move |_, _| all());
    for place in ["hall", "hall.1", "kitchen", ""] {
        let json = rooms.get_value(place).unwrap();
        rooms.set_value(place, json).unwrap();
        assert_eq!(count.load(Ordering::Relaxed), 0, "`{place}`");
    }
    assert_eq!(rooms.snapshot().kitchen.owner, 7);
    assert_eq!(rooms.snapshot().hall[1].owner, 7);
}
