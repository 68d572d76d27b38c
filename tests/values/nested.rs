//! D0: an unknown member, and a number that loses digits, is found in each kind of value.

use std::collections::{BTreeMap, BinaryHeap, HashSet, LinkedList};
use std::num::Wrapping;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::error::ApplyError;
use sprag::path::Address;
use sprag::prelude::*;
use sprag::state::{Changeset, Op};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f32,
}

#[derive(Model, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
struct Mark {
    x: i8,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Nothing,
    Other { y: u8 },
    At { x: f32 },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    Nothing,
    Other { y: u8 },
    At { x: f32 },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Nothing,
    Other { y: u8 },
    At { x: f32 },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kinds {
    maybe: Option<Point>,
    boxed: Box<Point>,
    list: Vec<Point>,
    pair: (Point, u8),
    named: BTreeMap<String, Point>,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    outcome: Result<Point, u8>,
    range: Range<Point>,
    linked: LinkedList<Point>,
    slice: Box<[Point]>,
    nested: (u8, (Vec<Point>,)),
    marks: HashSet<Mark>,
}

fn kinds() -> Kinds {
    Kinds {
        maybe: Some(Point::default()),
        boxed: Box::default(),
        list: vec![Point::default(), Point::default()],
        pair: (Point::default(), 1),
        named: [("a".to_owned(), Point::default())].into(),
        external: External::At { x: 0.0 },
        internal: Internal::At { x: 0.0 },
        adjacent: Adjacent::At { x: 0.0 },
        outcome: Ok(Point::default()),
        range: Point::default()..Point::default(),
        linked: [Point::default()].into(),
        slice: [Point::default()].into(),
        nested: (0, (vec![Point::default()],)),
        marks: [Mark { x: 0 }].into(),
    }
}

/// The object in each kind of value: as a JSON pointer, and as a place.
const OBJECTS: &[(&str, &str)] = &[
    ("/maybe", "maybe"),
    ("/boxed", "boxed"),
    ("/list/1", "list.1"),
    ("/pair/0", "pair.0"),
    ("/named/a", "named.a"),
    ("/external/At", "external.At"),
    ("/internal", "internal"),
    ("/adjacent/value", "adjacent.value"),
    ("/outcome/Ok", "outcome.Ok"),
    ("/range/start", "range.start"),
    ("/linked/0", "linked.0"),
    ("/slice/0", "slice.0"),
    ("/nested/1/0/0", "nested.1.0.0"),
    ("/marks/0", "marks.0"),
];

/// The JSON of [`kinds`] with a member in one object.
fn with(pointer: &str, name: &str, value: Value) -> Value {
    let mut json = to_value(kinds()).unwrap();
    let object = json.pointer_mut(pointer).and_then(Value::as_object_mut).expect(pointer);
    object.insert(name.to_owned(), value);
    json
}

#[test]
fn d0_an_unknown_member_is_refused_in_each_kind_of_value() {
    let model = create_model("kinds", kinds());
    for (pointer, place) in OBJECTS {
        let given = with(pointer, "zzz", json!(1));
        let refusals = [
            model.set_value("", given.clone()).expect_err(place).to_string(),
            model.set_at(&Address::default(), given.clone()).expect_err(place).to_string(),
            applied(&model, given).expect_err(place).to_string(),
        ];
        for error in refusals {
            let names = ["`zzz`", &format!("`{place}`"), "it has `"];
            assert!(names.iter().all(|name| error.contains(name)), "{error}");
        }
    }
    assert_eq!((model.version(), &*model.snapshot()), (0, &kinds()));
    // Each variant has its own members, and a value without them is not refused.
    for other in [json!("Nothing"), json!({ "Other": { "y": 1 } })] {
        model.set_value("external", other.clone()).unwrap();
        assert_eq!(model.get_value("external").unwrap(), other);
    }
    for other in [json!({ "kind": "Nothing" }), json!({ "kind": "Other", "y": 1 })] {
        model.set_value("internal", other.clone()).unwrap();
        assert_eq!(model.get_value("internal").unwrap(), other);
    }
    for other in [json!({ "kind": "Nothing" }), json!({ "kind": "Other", "value": { "y": 1 } })] {
        model.set_value("adjacent", other.clone()).unwrap();
        assert_eq!(model.get_value("adjacent").unwrap(), other);
    }
}

#[test]
fn d0_a_number_that_loses_digits_is_refused_in_each_kind_of_value() {
    let model = create_model("kinds", kinds());
    for (pointer, place) in OBJECTS {
        if *place == "marks.0" {
            continue;
        }
        let given = with(pointer, "x", json!(16_777_217));
        let refusals = [
            model.set_value("", given.clone()).expect_err(place).to_string(),
            applied(&model, given).expect_err(place).to_string(),
        ];
        for error in refusals {
            assert!(error.contains(&format!("`{place}.x`")), "{error}");
        }
        model.set_value("", with(pointer, "x", json!(16_777_216))).expect(place);
        applied(&model, with(pointer, "x", json!(16_777_216))).expect(place);
    }
}

/// Sets the state by a changeset.
fn applied(model: &Model<Kinds>, value: Value) -> Result<u64, ApplyError> {
    let set = Op::Set { place: Address::default(), value: value.into() };
    model.apply(&Changeset::new(0, 1, vec![set]))
}

#[test]
fn d3_the_changeset_of_another_version_of_a_type_is_read_as_serde_reads_it() {
    let model = create_model("kinds", kinds());
    let value = with("/pair/0", "zzz", json!(1)).into();
    let set = Changeset::new(0, 7, vec![Op::Set { place: Address::default(), value }]);
    assert_eq!(model.apply_as(&set).unwrap(), 7);
    assert_eq!(*model.snapshot(), kinds());
}

#[derive(Model, Clone, Debug, Default, Serialize, Deserialize)]
struct Orders {
    hashed: HashSet<u64>,
    heap: BinaryHeap<u8>,
    #[serde(default)]
    wrapping: Wrapping<u8>,
}

#[test]
fn d0_the_members_of_a_set_and_of_a_heap_have_an_order_of_their_own() {
    let model = create_model("orders", Orders::default());
    let given = json!({ "hashed": [5, 1, 9, 1, 3, 7, 2], "heap": [1, 2, 9, 4, 4] });
    for _ in 0..20 {
        model.set_value("", given.clone()).unwrap();
    }
    assert_eq!(model.snapshot().hashed, [1, 2, 3, 5, 7, 9].into());
    assert_eq!(model.snapshot().heap.clone().into_sorted_vec(), [1, 2, 4, 4, 9]);
}

#[test]
fn d0_a_merge_reaches_into_each_kind_of_value() {
    for (pointer, place) in OBJECTS {
        let model = create_model("kinds", kinds());
        let mut patch = json!({ "x": 2.0 });
        for part in pointer.split('/').skip(1).collect::<Vec<_>>().into_iter().rev() {
            patch = json!({ part: patch });
        }
        // A merge replaces an array as a whole.
        if pointer.contains(['0', '1']) {
            continue;
        }
        model.patch_value("", patch).expect(place);
        assert_eq!(to_value(&*model.snapshot()).unwrap(), with(pointer, "x", json!(2.0)));
    }
}
