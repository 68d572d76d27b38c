//! D0: any text, JSON Pointer, address and JSON, on sets, flattened parts and enums of each
//! tagging: no panic, a bounded error, no change on an error, and else a state that serde reads
//! back.

#![allow(clippy::result_large_err, reason = "closures pass on the error of a write")]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, from_str, from_value, to_value};
use sprag::error::PathError;
use sprag::path::{Address, Part};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Forms {
    numbers: BTreeSet<u8>,
    names: HashSet<String>,
    pairs: BTreeSet<Pair>,
    by: BTreeMap<String, BTreeSet<u8>>,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    untagged: Untagged,
    maybe: Option<Internal>,
    list: Vec<Adjacent>,
    open: Open,
    #[serde(flatten)]
    flat: Flat,
}

#[derive(
    Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
struct Pair {
    a: u8,
    b: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Flat {
    top: u8,
    #[serde(flatten)]
    below: Below,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Below {
    inner: Option<Pair>,
}

/// The members that nothing else has are the map's.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Open {
    known: u8,
    #[serde(flatten)]
    rest: BTreeMap<String, u8>,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Off,
    Named { x: u8, y: Option<u8> },
    Two(u8, String),
    One(Pair),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    Off,
    Named { x: u8, y: Option<u8> },
    One(Pair),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Adjacent {
    Off,
    Named { x: u8, y: Option<u8> },
    Two(u8, String),
    One(Pair),
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Named { x: u8, y: Option<u8> },
    Two(u8, String),
    Text(String),
}

fn pair() -> Pair {
    Pair { a: 1, b: "b".into() }
}

fn forms() -> Forms {
    Forms {
        numbers: [1, 2].into(),
        names: ["ann".to_owned(), "b.c".to_owned()].into(),
        pairs: [pair()].into(),
        by: [("a/b~".to_owned(), [1].into())].into(),
        external: External::Named { x: 1, y: Some(2) },
        internal: Internal::Named { x: 1, y: None },
        adjacent: Adjacent::Two(1, "two".into()),
        untagged: Untagged::Named { x: 1, y: Some(2) },
        maybe: Some(Internal::One(pair())),
        list: vec![Adjacent::Off, Adjacent::One(pair())],
        open: Open { known: 1, rest: [("more".to_owned(), 2)].into() },
        flat: Flat { top: 3, below: Below { inner: Some(pair()) } },
    }
}

/// States in which each variant occurs.
fn states() -> [Forms; 3] {
    let others = Forms {
        external: External::Two(1, "two".into()),
        internal: Internal::One(pair()),
        adjacent: Adjacent::Named { x: 1, y: None },
        untagged: Untagged::Two(1, "two".into()),
        ..forms()
    };
    let least = Forms {
        numbers: BTreeSet::new(),
        external: External::One(pair()),
        internal: Internal::Off,
        adjacent: Adjacent::Off,
        untagged: Untagged::Text("text".into()),
        maybe: None,
        list: Vec::new(),
        open: Open::default(),
        flat: Flat::default(),
        ..forms()
    };
    [forms(), others, least]
}

fn state() -> impl Strategy<Value = Forms> {
    select(states().to_vec())
}

/// Names, keys, members and tags that lead somewhere, in one form or another.
const PARTS: &[&str] = &[
    "numbers", "names", "pairs", "by", "external", "internal", "adjacent", "untagged", "maybe",
    "list", "open", "known", "rest", "more", "flat", "top", "below", "inner", "a", "b", "x", "y",
    "0", "1", "2", "256", "-1", "00", "", "ann", "b.c", "a/b~", "kind", "t", "c", "Off", "off",
    "Named", "named", "Two", "two", "One", "one", "Text", "text", "~", "~1", "?", "-",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => select(PARTS).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn pointer(parts: &[String]) -> String {
    let escaped = |part: &String| format!("/{}", part.replace('~', "~0").replace('/', "~1"));
    parts.iter().map(escaped).collect()
}

/// An edit of a text: where, how many characters go, and what comes.
type Edit = (Index, usize, &'static str);

fn edits(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<Edit>> {
    vec((any::<Index>(), 0_usize..3, select(pieces)), 1..4)
}

fn edited(text: &str, edits: &[Edit]) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for (at, len, piece) in edits {
        let from = at.index(letters.len() + 1);
        let to = (from + len).min(letters.len());
        letters.splice(from..to, piece.chars());
    }
    letters.into_iter().collect()
}

/// Each value in a value, itself first.
fn parts_of(value: &Value, found: &mut Vec<Value>) {
    found.push(value.clone());
    match value {
        Value::Array(items) => items.iter().for_each(|item| parts_of(item, found)),
        Value::Object(members) => members.values().for_each(|member| parts_of(member, found)),
        _ => {}
    }
}

/// A part of the JSON of a state.
fn value() -> impl Strategy<Value = Value> {
    let mut all = Vec::new();
    states().iter().for_each(|state| parts_of(&to_value(state).unwrap(), &mut all));
    select(all)
}

/// The same, with edits in its text where that is still JSON.
fn edited_value() -> impl Strategy<Value = Value> {
    const PIECES: &[&str] = &[
        "",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "true",
        "-",
        "0",
        "9",
        ".5",
        "e9",
        "256",
        "\\u0000",
        "\"x\":1,",
        "\"kind\":\"Off\",",
        "\"t\":\"One\",",
        ",{}",
        "[],",
        "\u{202e}",
    ];
    (value(), edits(PIECES))
        .prop_map(|(value, edits)| from_str(&edited(&value.to_string(), &edits)).unwrap_or(value))
}

/// Makes a write. Returns the state after it.
fn written(
    state: &Forms,
    write: impl FnOnce(&Model<Forms>) -> Result<u64, PathError>,
) -> Result<(bool, Forms), TestCaseError> {
    let model = create_model("forms", state.clone());
    let outcome = write(&model);
    let now = Forms::clone(&model.snapshot());
    match &outcome {
        Ok(version) => {
            prop_assert_eq!(*version, model.version());
            prop_assert_eq!(&from_value::<Forms>(to_value(&now).unwrap()).unwrap(), &now);
        }
        Err(error) => {
            bounded(error)?;
            prop_assert_eq!((model.version(), &now), (0, state));
        }
    }
    Ok((outcome.is_ok(), now))
}

fn bounded(error: &PathError) -> Result<(), TestCaseError> {
    let text = error.to_string();
    prop_assert!(!text.is_empty() && text.len() < 6_000, "{} bytes", text.len());
    prop_assert!(!text.chars().any(char::is_control), "{text:?}");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..Default::default() })]

    /// A JSON Pointer and its address write the same; a text has names of its own for variants.
    #[test]
    fn d0_a_text_a_pointer_and_an_address_write_a_form_or_are_refused(
        state in state(),
        names in vec(name(), 0..5),
        value in edited_value(),
    ) {
        let address: Address = names.iter().cloned().map(Part::from).collect();
        let (text, pointer) = (address.to_string(), pointer(&names));
        prop_assert_eq!(&Address::parse(&text).unwrap(), &address);
        prop_assert_eq!(&Address::parse(&pointer).unwrap(), &address);
        let by_pointer = written(&state, |model| model.set_value(&pointer, value.clone()))?;
        let by_address = written(&state, |model| model.set_at(&address, value.clone()))?;
        prop_assert!(names.is_empty() || by_pointer == by_address);
        let by_pointer = written(&state, |model| model.patch_value(&pointer, value.clone()))?;
        let by_address = written(&state, |model| model.merge_at(&address, value.clone()))?;
        prop_assert!(names.is_empty() || by_pointer == by_address);
        written(&state, |model| model.set_value(&text, value.clone()))?;
        written(&state, |model| model.patch_value(&text, value.clone()))?;
    }

    #[test]
    fn d0_the_address_of_any_member_writes_a_form_or_is_refused(
        state in state(),
        names in vec(name(), 0..4),
        member in value(),
        value in edited_value(),
    ) {
        let names = names.into_iter().map(Part::from);
        let place: Address = names.chain([Part::Member(member.clone())]).collect();
        for value in [member, value] {
            written(&state, |model| model.set_at(&place, value.clone()))?;
            written(&state, |model| model.merge_at(&place, value.clone()))?;
        }
    }

    /// Texts, pointers and the JSON of addresses with edits.
    #[test]
    fn d0_an_edited_text_reads_and_writes_a_form_or_is_refused(
        state in state(),
        names in vec(name(), 1..5),
        edits in edits(&["", ".", "/", "\"", "\\", "~", "~0", "?", "[", "]", "[1]", "null", "\0", "ä"]),
        value in edited_value(),
    ) {
        let address: Address = names.iter().cloned().map(Part::from).collect();
        for text in [address.to_string(), pointer(&names)] {
            let text = edited(&text, &edits);
            let model = create_model("forms", state.clone());
            if let Err(error) = model.get_value(&text) {
                bounded(&error)?;
            }
            written(&state, |model| model.set_value(&text, value.clone()))?;
            written(&state, |model| model.patch_value(&text, value.clone()))?;
        }
        let json = serde_json::to_string(&address).unwrap();
        if let Ok(place) = from_str::<Address>(&edited(&json, &edits)) {
            written(&state, |model| model.set_at(&place, value.clone()))?;
        }
    }

    #[test]
    fn d0_the_value_of_any_place_of_a_form_is_written_back(
        state in state(),
        names in vec(name(), 0..5),
    ) {
        let model = create_model("forms", state.clone());
        let address: Address = names.iter().cloned().map(Part::from).collect();
        for text in [address.to_string(), pointer(&names)] {
            if let Ok(value) = model.get_value(&text) {
                let (is_written, now) = written(&state, |model| model.set_value(&text, value))?;
                prop_assert!(is_written, "{text}");
                prop_assert_eq!(&now, &state, "{}", text);
            }
        }
    }
}
