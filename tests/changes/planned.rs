//! D3: the place of each op is found in the state as it is then: in boxes and options, behind
//! keys that are numbers, and at fields that serde leaves out.

#![allow(clippy::box_collection, reason = "users may have them")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Wrapped(Vec<u8>);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shelf {
    by_number: BTreeMap<usize, u8>,
    list: Vec<u8>,
    boxed: Box<Vec<u8>>,
    maybe: Option<Vec<u8>>,
    wrapped: Wrapped,
    map: Option<BTreeMap<String, u8>>,
    #[serde(default, rename(deserialize = "in"))]
    out: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<Box<String>>,
    #[serde(default, skip_serializing_if = "is_zero")]
    count: u8,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<u8>,
    #[serde(default, skip_serializing_if = "is_one")]
    odd: u8,
}

fn is_zero(count: &u8) -> bool {
    *count == 0
}

fn is_one(odd: &u8) -> bool {
    *odd == 1
}

fn shelf() -> Shelf {
    Shelf {
        by_number: [(0, 1), (7, 2)].into(),
        list: vec![1, 2, 3],
        boxed: Box::new(vec![1, 2, 3]),
        maybe: Some(vec![1, 2, 3]),
        wrapped: Wrapped(vec![1, 2, 3]),
        map: Some([("a".into(), 1)].into()),
        out: 1,
        note: Some(Box::new("n".into())),
        count: 1,
        tags: vec![1],
        odd: 2,
    }
}

fn apply(shelf: Shelf, op: &Value) -> Result<Shelf, String> {
    let model = create_model("shelf", shelf.clone());
    let set = serde_json::from_value(json!({ "from": 0, "to": 1, "ops": [op] }));
    let applied = set
        .map_err(|error| error.to_string())
        .and_then(|set| model.apply(&set).map_err(|error| error.to_string()));
    match applied {
        Ok(_) => Ok(Shelf::clone(&model.snapshot())),
        Err(error) => {
            assert_eq!(*model.snapshot(), shelf, "{op}");
            Err(error)
        }
    }
}

#[test]
fn d3_an_op_finds_its_place() {
    let list = |list: &[u8]| list.to_vec();
    for (op, expected) in [
        // The key of a map, though it is a number, and not the index of an element.
        (json!(["-", ["by_number", "0"]]), Shelf { by_number: [(7, 2)].into(), ..shelf() }),
        (json!(["-", ["by_number", "7"]]), Shelf { by_number: [(0, 1)].into(), ..shelf() }),
        (json!(["-", ["list", 1]]), Shelf { list: list(&[1, 3]), ..shelf() }),
        (json!(["-", ["list", "1"]]), Shelf { list: list(&[1, 3]), ..shelf() }),
        (json!(["-", ["list"], [0, 2]]), Shelf { list: list(&[2]), ..shelf() }),
        (json!(["+", ["list", 3], 4]), Shelf { list: list(&[1, 2, 3, 4]), ..shelf() }),
        (json!(["+", ["list", "1"], 4]), Shelf { list: list(&[1, 4, 2, 3]), ..shelf() }),
        (json!(["+", ["boxed", 0], 4]), Shelf { boxed: Box::new(list(&[4, 1, 2, 3])), ..shelf() }),
        (
            json!(["+", ["boxed", "-"], 4]),
            Shelf { boxed: Box::new(list(&[1, 2, 3, 4])), ..shelf() },
        ),
        (json!(["-", ["boxed"], [0, 1]]), Shelf { boxed: Box::new(list(&[3])), ..shelf() }),
        (
            json!(["~", ["boxed"], 0, [1, 0]]),
            Shelf { boxed: Box::new(list(&[2, 1, 3])), ..shelf() },
        ),
        (
            json!(["+", ["maybe", "-"], 4, 5]),
            Shelf { maybe: Some(list(&[1, 2, 3, 4, 5])), ..shelf() },
        ),
        (json!(["-", ["maybe", 0]]), Shelf { maybe: Some(list(&[2, 3])), ..shelf() }),
        (json!(["-", ["maybe"], [0]]), Shelf { maybe: Some(list(&[2, 3])), ..shelf() }),
        (
            json!(["+", ["wrapped", 1], 4]),
            Shelf { wrapped: Wrapped(list(&[1, 4, 2, 3])), ..shelf() },
        ),
        (
            json!(["~", ["wrapped"], 1, [2, 1]]),
            Shelf { wrapped: Wrapped(list(&[1, 3, 2])), ..shelf() },
        ),
        (
            json!(["+", ["map", "b"], 2]),
            Shelf { map: Some([("a".into(), 1), ("b".into(), 2)].into()), ..shelf() },
        ),
        (
            json!(["=", ["map", "b"], 2]),
            Shelf { map: Some([("a".into(), 1), ("b".into(), 2)].into()), ..shelf() },
        ),
        (json!(["-", ["map", "a"]]), Shelf { map: Some([].into()), ..shelf() }),
        // A field that serde leaves out has then the value for which it does.
        (json!(["-", ["note"]]), Shelf { note: None, ..shelf() }),
        (json!(["-", ["count"]]), Shelf { count: 0, ..shelf() }),
        (json!(["-", ["tags"]]), Shelf { tags: vec![], ..shelf() }),
    ] {
        assert_eq!(apply(shelf(), &op), Ok(expected), "{op}");
    }
}

#[test]
fn d3_an_op_whose_place_does_not_fit_names_it() {
    let absent = || Shelf { maybe: None, map: None, note: None, ..shelf() };
    for (op, expected) in [
        (json!(["=", ["out"], 2]), "`out`: serde does not read back its own form of the value"),
        (json!(["-", ["odd"]]), "`odd`: the place is not of that kind"),
        (json!(["-", ["list"]]), "`list`: the place is not of that kind"),
        (json!(["-", ["maybe"]]), "`maybe`: the place is not of that kind"),
        (json!(["+", ["list", "01"], 1]), "`list.01`: the place is not of that kind"),
        (json!(["+", ["list", "x"], 1]), "`list.x`: the place is not of that kind"),
        (json!(["+", ["by_number", "7"], 1]), "`by_number.7`: the key is there already"),
        (json!(["+", ["by_number", "8"], 1, 2]), "`by_number.8`: the place is not of that kind"),
        (json!(["+", ["list", 9], 1]), "`list.9`: the list has no such indices"),
        (json!(["-", ["by_number"], [0]]), "`by_number`: the place is not of that kind"),
        (json!(["-", ["maybe"], [0]]), "`maybe`: the place is not of that kind"),
        (json!(["+", ["maybe", 0], 1]), "`maybe.0`"),
        (json!(["+", ["map", "a"], 1]), "`map.a`"),
        (json!(["+", [], 1]), "the state"),
    ] {
        let error = apply(absent(), &op).unwrap_err();
        assert!(error.contains(expected), "{op}: {error}");
    }
}
