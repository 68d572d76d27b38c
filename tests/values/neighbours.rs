//! D0: a write needs nothing of its neighbours, and a value that would not come back is
//! refused.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::json;
use sprag::path::Address;
use sprag::prelude::*;

/// A value that JSON cannot carry beside a counter: the counter is written all the same.
fn writes_beside<T>(odd: T)
where
    T: sprag::path::State + Clone + Send + Sync + Serialize + for<'de> Deserialize<'de>,
{
    #[derive(Model, Clone, Debug, Serialize, Deserialize)]
    struct Beside<T> {
        count: u8,
        inner: Inner,
        map: BTreeMap<String, Inner>,
        odd: T,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Inner {
        x: u8,
    }

    let map = BTreeMap::from([("a".into(), Inner::default())]);
    let state = Beside { count: 1, inner: Inner::default(), map, odd };
    let model = create_model("beside", state);
    model.set_value("count", json!(2)).unwrap();
    model.patch_value("", json!({ "count": 3, "inner": { "x": 4 } })).unwrap();
    model.set_value("map.b", json!({ "x": 5 })).unwrap();
    model.patch_value("map", json!({ "a": null, "b": { "x": 6 } })).unwrap();
    assert_eq!(model.get_value("inner").unwrap(), json!({ "x": 4 }));
    assert_eq!(model.get_value("map").unwrap(), json!({ "b": { "x": 6 } }));
    assert_eq!((model.get_value("count").unwrap(), model.version()), (json!(3), 4));
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
enum Numbered {
    Map { map: HashMap<u8, u8> },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Empty {
    B(),
    C(#[allow(dead_code)] u8),
}

#[derive(Model, Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[model(leaf)]
struct Pair(u8, u8);

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pairs {
    #[model(leaf)]
    pairs: HashMap<Pair, u8>,
}

#[test]
fn d0_no_value_refuses_the_write_of_another_place() {
    writes_beside(f64::NAN);
    writes_beside(f32::INFINITY);
    writes_beside(u128::MAX);
    writes_beside(i128::MIN);
    writes_beside(vec![Some(f64::NAN)]);
    writes_beside(Some(Some(())));
    writes_beside(Numbered::Map { map: HashMap::from([(1, 2)]) });
    writes_beside(Empty::B());
    writes_beside(Empty::C(1));
    writes_beside(Pairs { pairs: HashMap::from([(Pair(1, 2), 3)]) });
}

#[test]
fn d0_two_numbers_that_json_has_not_are_each_written_by_their_own_path() {
    #[derive(Model, Clone, Debug, Serialize, Deserialize)]
    struct Meter {
        left: f64,
        right: f32,
        inner: Inner,
        list: Vec<f64>,
    }

    #[derive(Model, Clone, Debug, Serialize, Deserialize)]
    struct Inner {
        left: f64,
        right: f64,
    }

    let places = ["left", "right", "inner.left", "inner.right", "list.0", "list.1"];
    for (first, second) in places.iter().flat_map(|first| places.map(|second| (*first, second))) {
        let inner = Inner { left: f64::NAN, right: f64::NEG_INFINITY };
        let (right, list) = (f32::INFINITY, vec![f64::NAN, f64::NAN]);
        let meter = create_model("meter", Meter { left: f64::NAN, right, inner, list });
        meter.set_value(first, json!(1.5)).unwrap();
        meter.set_at(&Address::parse(second).unwrap(), json!(2.5)).unwrap();
        meter.patch_value("", json!({ "inner": { "left": 3.5 } })).unwrap();
        let expected = |place: &str| match place {
            "inner.left" => Some(3.5),
            _ if place == second => Some(2.5),
            _ if place == first => Some(1.5),
            _ => None,
        };
        for place in places {
            let written = meter.get_value(place).ok().and_then(|value| value.as_f64());
            assert_eq!(written, expected(place), "`{place}` after `{first}` and `{second}`");
        }
    }
}

#[test]
fn d0_a_number_that_would_be_lost_is_refused() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Meter {
        single: f32,
        double: f64,
        list: Vec<f32>,
        map: HashMap<String, f32>,
        maybe: Option<f32>,
    }

    let meter = create_model("meter", Meter::default());
    for (place, value) in [
        ("single", json!(1e300)),
        ("single", json!(16_777_217)),
        ("single", json!(-16_777_217)),
        ("list", json!([1.5, -1e300])),
        ("map", json!({ "a": 1e39 })),
        ("map.a", json!(1e39)),
        ("maybe", json!(1e39)),
        ("", json!({ "single": 1e39, "double": 0.0, "list": [], "map": {}, "maybe": null })),
    ] {
        let error = meter.set_value(place, value.clone()).unwrap_err();
        assert!(error.is_misfit(), "{place}: {error}");
        assert!(error.to_string().contains("would not come back"), "{error}");
    }
    assert_eq!((meter.version(), &*meter.snapshot()), (0, &Meter::default()));
    for (place, value) in [("single", json!(0.1)), ("double", json!(1e300)), ("single", json!(5))] {
        meter.set_value(place, value).unwrap();
    }
}

#[test]
fn d0_an_element_keeps_what_serde_skips_only_where_it_is_the_same() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct User {
        name: String,
        #[serde(skip)]
        token: String,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Users {
        users: Vec<User>,
        deep: Vec<Vec<User>>,
    }

    let user = |name: &str, token: &str| User { name: name.into(), token: token.into() };
    let all = || vec![user("ann", "1"), user("bob", "2"), user("cyd", "3")];
    let model = create_model("users", Users { users: all(), deep: vec![all()] });
    model
        .set_value("users", json!([{ "name": "bob" }, { "name": "cyd" }, { "name": "dan" }]))
        .unwrap();
    assert_eq!(model.snapshot().users, [user("bob", "2"), user("cyd", "3"), user("dan", "")]);
    model.patch_value("", json!({ "users": [{ "name": "cyd" }, { "name": "eve" }] })).unwrap();
    assert_eq!(model.snapshot().users, [user("cyd", "3"), user("eve", "")]);
    model.set_value("users.0", json!({ "name": "new" })).unwrap();
    assert_eq!(model.snapshot().users[0], user("new", "3"), "one element is written in place");

    // Two that look alike do not say which is which, unless both stay.
    model.replace(Users { users: vec![user("x", "1"), user("x", "2")], deep: vec![] });
    model.set_value("users", json!([{ "name": "x" }])).unwrap();
    assert_eq!(model.snapshot().users, [user("x", "")]);
}

#[test]
fn errors_are_bounded_and_end_with_the_cause() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tv {
        title: String,
        map: HashMap<String, u8>,
    }

    let tv =
        create_model("tv", Tv { map: HashMap::from([("k".repeat(1 << 20), 1)]), ..Tv::default() });
    let long = "x.".repeat(1 << 20);
    for error in [
        tv.get_value(&long).unwrap_err(),
        tv.get_value(&format!("map.{}", "y".repeat(1 << 20))).unwrap_err(),
        tv.set_value(&format!("title.{long}"), json!(1)).unwrap_err(),
        tv.set_value("title", json!({ "y".repeat(1 << 20): 1 })).unwrap_err(),
        tv.patch_value("", json!({ "y".repeat(1 << 20): 1 })).unwrap_err(),
        tv.get_value(&format!("\"{long}")).unwrap_err(),
    ] {
        assert!(error.to_string().len() < 6_000, "{} bytes", error.to_string().len());
        assert!(format!("{error:?}").len() < 10_000);
    }
    let error = tv.set_value("", json!({ "map": {} })).unwrap_err().to_string();
    assert_eq!(error, "the value does not fit the state: missing field `title`");
    let error = tv.patch_value("", json!({ "title": 5 })).unwrap_err().to_string();
    assert_eq!(
        error,
        "the value does not fit `title`: invalid type: integer `5`, expected a string"
    );
}

/// As deep as `serde_json` reads, and no deeper.
#[test]
fn a_state_that_was_written_can_be_read_from_its_text() {
    #[derive(Model, Clone, Default, Serialize, Deserialize)]
    struct Node {
        next: Option<Box<Node>>,
    }

    let node = create_model("node", Node::default());
    let mut path = "next".to_owned();
    while node.set_value(&path, json!({})).is_ok() {
        path.push_str(".next");
    }
    let text = node.get_value("").unwrap().to_string();
    let read: Result<Node, _> = serde_json::from_str(&text);
    assert!(read.is_ok());
}
