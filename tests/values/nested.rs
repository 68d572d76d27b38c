//! D0: an unknown member, and a number that loses digits, is found in each kind of value.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Point {
    x: f32,
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
    // A tuple has no places, and serde alone reads its elements.
    let places = OBJECTS.iter().filter(|(_, place)| *place != "pair.0");
    for (pointer, place) in places {
        let error = model.set_value("", with(pointer, "zzz", json!(1))).expect_err(place);
        let error = error.to_string();
        assert!(error.contains("`zzz`") && error.contains(&format!("`{place}`")), "{error}");
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
        let error = model.set_value("", with(pointer, "x", json!(16_777_217))).expect_err(place);
        let error = error.to_string();
        assert!(error.contains(&format!("`{place}.x`")), "{error}");
        model.set_value("", with(pointer, "x", json!(16_777_216))).expect(place);
    }
}

#[test]
fn d0_a_merge_reaches_into_each_kind_of_value() {
    for (pointer, place) in OBJECTS {
        let model = create_model("kinds", kinds());
        let mut patch = json!({ "x": 2.0 });
        for part in pointer.split('/').skip(1).collect::<Vec<_>>().into_iter().rev() {
            patch = json!({ part: patch });
        }
        if *place == "list.1" || *place == "pair.0" {
            continue;
        }
        model.patch_value("", patch).expect(place);
        assert_eq!(to_value(&*model.snapshot()).unwrap(), with(pointer, "x", json!(2.0)));
    }
}
