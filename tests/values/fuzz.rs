//! Any text and any JSON: no panic, no change on an error, and a written value reads back
//! equal.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value, json};
use sprag::path::{Address, Part};
use sprag::prelude::*;
use sprag::state::{Changeset, Op};

use super::domain::{Media, Tv, full, track};

/// Valid and invalid pieces of paths.
fn piece() -> impl Strategy<Value = String> {
    let known = [
        "playback",
        "url",
        "position",
        "casting",
        "current",
        "title",
        "seconds",
        "users",
        "7",
        "9",
        "name",
        "addresses",
        "0",
        "1",
        "city",
        "labels",
        "a",
        "b",
        "named",
        "ann",
        "queue",
        "recent",
        "media",
        "playing",
        "at",
        "failed",
        "live",
        "idle",
        "point",
        "metres",
        "folder",
        "inner",
        "folders",
        "pair",
        "fixed",
        "",
        "-1",
        "00",
        "18446744073709551616",
        "ann.name",
    ];
    prop_oneof![
        8 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

/// Parts of addresses.
fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        4 => piece().prop_map(Part::from),
        1 => "[.\"\\\\/?\\[\\]~]{0,4}".prop_map(Part::from),
        1 => any::<usize>().prop_map(Part::from),
        1 => (0_usize..3).prop_map(Part::from),
        1 => member().prop_map(Part::Member),
    ]
}

/// Members of sets. `serde_json` does not read each fraction back from its text.
fn member() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            btree_map(piece(), inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

/// Paths of those pieces, valid paths with one letter changed, and any text.
fn path() -> impl Strategy<Value = String> {
    let there = [
        "playback.url",
        "playback.position",
        "current.title",
        "users.7.name",
        "users.7.addresses.0.city",
        "labels.a.b",
        "named.ann.addresses",
        "queue.1.seconds",
        "recent.2",
        "media.playing.at.position",
        "media.failed.1",
        "media.live.0.title",
        "point.1",
        "metres.0",
        "folder.inner.inner.name",
        "folder.folders.1.folders",
        "pair",
        "fixed",
    ];
    let there = proptest::sample::select(there.to_vec());
    prop_oneof![
        4 => vec(piece(), 0..5).prop_map(|pieces| pieces.join(".")),
        2 => there.clone().prop_map(str::to_owned),
        2 => (there, any::<prop::sample::Index>(), any::<Option<char>>()).prop_map(
            |(path, at, letter)| {
                let mut letters: Vec<char> = path.chars().collect();
                let at = at.index(letters.len());
                match letter {
                    Some(letter) => letters.insert(at, letter),
                    None => drop(letters.remove(at)),
                }
                letters.into_iter().collect()
            }
        ),
        1 => any::<String>(),
    ]
}

/// JSON with members that the state has, and some that it does not have.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u8>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        Just(json!({ "title": "t", "seconds": 1 })),
        Just(json!({ "name": "n", "addresses": [{ "city": "c" }] })),
        Just(json!({ "Live": { "title": "t", "seconds": 1 } })),
        Just(json!("Idle")),
        Just(serde_json::to_value(full()).unwrap()),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(piece(), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

fn state() -> impl Strategy<Value = Tv> {
    let media = prop_oneof![
        Just(full().media),
        Just(Media::Idle),
        Just(Media::Failed("f".into(), 1)),
        Just(Media::Live(track("l"))),
    ];
    prop_oneof![Just(Tv::default()), media.prop_map(|media| Tv { media, ..full() }),]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_write_is_right_or_refused(state in state(), path in path(), value in value()) {
        let tv = create_model("tv", state.clone());
        let readable = tv.get_value(&path);
        match tv.set_value(&path, value.clone()) {
            Ok(_) => {
                prop_assert_eq!(tv.version(), 1);
                let shown = tv.get_value(&path).unwrap();
                // A default replaces each member that the JSON lacks, and a later write is
                // kept.
                tv.set_value(&path, shown.clone()).unwrap();
                prop_assert_eq!(tv.get_value(&path).unwrap(), shown.clone());
                if !value.is_object() && !value.is_array() {
                    prop_assert_eq!(shown, value);
                }
            }
            Err(error) => {
                prop_assert!(!error.to_string().is_empty());
                prop_assert_eq!(tv.version(), 0);
                prop_assert_eq!(&*tv.snapshot(), &state);
            }
        }
        if let Ok(before) = readable {
            tv.replace(state.clone());
            tv.set_value(&path, before).unwrap();
            prop_assert_eq!(&*tv.snapshot(), &state, "what was read is written back");
        }
    }

    #[test]
    fn any_patch_is_the_merge_or_refused(state in state(), path in path(), patch in value()) {
        let tv = create_model("tv", state.clone());
        let other = create_model("other", state.clone());
        let before = tv.get_value(&path).unwrap_or_default();
        let patched = tv.patch_value(&path, patch.clone());
        let set = other.set_value(&path, merged(before, &patch));
        // A merge names what it removes, and a name that nothing has is an error.
        prop_assert!(patched.is_ok() == set.is_ok() || (set.is_ok() && has_null(&patch)));
        if patched.is_ok() {
            prop_assert_eq!(&*tv.snapshot(), &*other.snapshot());
        }
        // A patch of nothing commits nothing.
        let is_changed = *tv.snapshot() != state;
        prop_assert!(tv.version() <= u64::from(patched.is_ok()));
        prop_assert!(tv.version() >= u64::from(is_changed));
    }

    /// The text of an address is parsed as that address, whatever is in its parts.
    #[test]
    fn any_address_is_read_from_its_text(parts in vec(part(), 0..6)) {
        let address = Address::from(parts);
        prop_assert_eq!(&Address::parse(&address.to_string()).unwrap(), &address);
        let json = serde_json::to_string(&address).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Address>(&json).unwrap(), &address);
    }

    /// Two addresses do not share a text.
    #[test]
    fn no_two_addresses_share_a_text(a in vec(part(), 0..4), b in vec(part(), 0..4)) {
        let (a, b) = (Address::from(a), Address::from(b));
        prop_assert_eq!(a == b, a.to_string() == b.to_string());
    }

    /// Any text is an address that is read back from what it prints, or an error.
    #[test]
    fn any_text_is_an_address_or_an_error(text in any::<String>()) {
        match Address::parse(&text) {
            Ok(address) => {
                prop_assert_eq!(&Address::parse(&address.to_string()).unwrap(), &address);
            }
            Err(error) => prop_assert!(error.is_syntax()),
        }
    }

    /// A key of any text is written and read by what its path prints, and nothing else is.
    #[test]
    fn any_key_is_reached_by_its_text(keys in btree_map(".{0,4}|[.\"\\\\/?\\[\\]]{0,3}", any::<u8>(), 1..6)) {
        let labels = |key: &String| Tv::PATHS.labels.key(key.as_str()).to_string();
        let tv = create_model("tv", Tv::default());
        for (key, value) in &keys {
            tv.set_value(&labels(key), json!(value.to_string())).unwrap();
        }
        let expected = keys.iter().map(|(key, value)| (key.clone(), value.to_string()));
        prop_assert_eq!(&tv.snapshot().labels, &expected.collect());
    }

    /// Any address and any JSON: right, or refused with a bounded error, nothing changed.
    #[test]
    fn any_write_by_address_is_right_or_refused(
        state in state(),
        parts in vec(part(), 0..5),
        value in value(),
    ) {
        let tv = create_model("tv", state.clone());
        let address = Address::from(parts);
        for outcome in [tv.set_at(&address, value.clone()), tv.merge_at(&address, value)] {
            match outcome {
                Ok(version) => prop_assert!(version <= tv.version()),
                Err(error) => prop_assert!(error.to_string().len() < 6_000),
            }
        }
        if tv.version() == 0 {
            prop_assert_eq!(&*tv.snapshot(), &state);
        }
    }

    /// An op that sets a place does what a write of the place does, or both are refused.
    #[test]
    fn d0_d3_an_op_and_a_write_of_a_place_are_the_same(
        state in state(),
        path in path(),
        value in value(),
    ) {
        let (by_place, by_op) = (create_model("place", state.clone()), create_model("op", state));
        if let Ok(place) = Address::parse(&path) {
            let written = by_place.set_at(&place, value.clone());
            let set = Op::Set { place, value: value.into() };
            let applied = by_op.apply(&Changeset::new(0, 1, vec![set]));
            prop_assert_eq!(written.is_ok(), applied.is_ok(), "{:?} {:?}", written, applied);
            prop_assert_eq!(&*by_place.snapshot(), &*by_op.snapshot());
        }
    }

    /// A write by text changes no other place.
    #[test]
    fn nothing_else_is_written(path in path(), value in value()) {
        let tv = create_model("tv", full());
        if !path.is_empty() && tv.set_value(&path, value).is_ok() {
            let first = path.split('.').next().unwrap();
            let (Value::Object(now), Value::Object(was)) =
                (tv.get_value("").unwrap(), serde_json::to_value(full()).unwrap())
            else {
                unreachable!("the state is a struct");
            };
            for (name, was) in was.iter().filter(|(name, _)| *name != first) {
                prop_assert_eq!(&now[name], was);
            }
        }
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.values().any(|value| value.is_null() || has_null(value)),
        _ => false,
    }
}

/// RFC 7396, written from its pseudocode.
fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut target = if target.is_object() { target } else { json!({}) };
    for (name, value) in patch {
        if value.is_null() {
            target.as_object_mut().unwrap().remove(name);
        } else {
            let member = target[name].take();
            target[name] = merged(member, value);
        }
    }
    target
}
