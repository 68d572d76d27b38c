//! D0, D2: a merge writes the places that it names, and no place around them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;

#[derive(
    Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
struct Point {
    x: u8,
    y: u8,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
enum External {
    Nothing,
    Other { z: u8 },
    At { x: u8, inner: Point },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Internal {
    Other { z: u8 },
    At { x: u8, y: Option<u8> },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Adjacent {
    Other { z: u8 },
    At { x: u8, y: u8 },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Wrapper {
    inner: Point,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "flat")]
enum Flat {
    A { a: u8 },
    B { b: Option<u8> },
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Kinds {
    plain: Point,
    maybe: Option<Point>,
    absent: Option<Point>,
    boxed: Box<Point>,
    shared: Arc<Point>,
    list: Vec<Point>,
    pair: (Point, u8),
    named: BTreeMap<String, Point>,
    points: BTreeSet<Point>,
    wrapped: Wrapper,
    external: External,
    internal: Internal,
    adjacent: Adjacent,
    #[serde(flatten)]
    flat: Flat,
    #[serde(default)]
    count: u8,
}

fn kinds() -> Kinds {
    let point = || Point { x: 1, y: 2 };
    Kinds {
        plain: point(),
        maybe: Some(point()),
        absent: None,
        boxed: Box::new(point()),
        shared: Arc::new(point()),
        list: vec![point()],
        pair: (point(), 3),
        named: [("a".to_owned(), point()), ("b".to_owned(), point())].into(),
        points: [point()].into(),
        wrapped: Wrapper { inner: point() },
        external: External::At { x: 1, inner: point() },
        internal: Internal::At { x: 1, y: Some(2) },
        adjacent: Adjacent::At { x: 1, y: 2 },
        flat: Flat::A { a: 4 },
        count: 5,
    }
}

/// RFC 7396.
fn merged(target: Value, patch: &Value) -> Value {
    let Value::Object(members) = patch else { return patch.clone() };
    let mut target = if let Value::Object(target) = target { target } else { Default::default() };
    for (name, patch) in members {
        if patch.is_null() {
            target.remove(name);
        } else {
            let present = target.remove(name).unwrap_or_default();
            target.insert(name.clone(), merged(present, patch));
        }
    }
    target.into()
}

/// The places of the ops of a merge into `path`, as text.
fn places(path: &str, patch: &Value) -> Result<Vec<String>, Box<sprag::error::PathError>> {
    let model = create_model("kinds", kinds());
    let mut changes = model.changes();
    let made = model.patch_value(path, patch.clone());
    if let Err(error) = made {
        assert_eq!(*model.snapshot(), kinds(), "{patch}");
        return Err(error.into());
    }
    // The state is the one that the RFC describes, as serde reads and writes it.
    let pointer =
        if path.is_empty() { String::new() } else { format!("/{}", path.replace('.', "/")) };
    let mut whole = to_value(kinds()).unwrap();
    let place = whole.pointer_mut(&pointer).expect("a place of JSON");
    *place = merged(place.take(), patch);
    let expected: Kinds = serde_json::from_value(whole).unwrap();
    assert_eq!(*model.snapshot(), expected, "{patch}");
    let Some(commit) = changes.next().now_or_never() else { return Ok(Vec::new()) };
    let ops = to_value(&commit.unwrap().unwrap().changeset().ops).unwrap();
    let op = |op: &Value| {
        let parts = op[1].as_array().unwrap().iter();
        let parts = parts.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
        format!("{} {}", op[0].as_str().unwrap(), parts.collect::<Vec<_>>().join("."))
    };
    Ok(ops.as_array().unwrap().iter().map(op).collect())
}

#[test]
fn d0_d2_a_merge_writes_the_places_that_it_names() {
    for (patch, expected) in [
        (json!({ "plain": { "x": 9 } }), "= plain.x"),
        (json!({ "maybe": { "x": 9 } }), "= maybe.x"),
        (json!({ "maybe": null }), "= maybe"),
        (json!({ "absent": { "x": 9, "y": 9 } }), "= absent"),
        (json!({ "boxed": { "x": 9 } }), "= boxed.x"),
        // Others may hold the value of an `Arc`, so it is replaced.
        (json!({ "shared": { "x": 9 } }), "= shared"),
        (json!({ "list": [] }), "= list"),
        (json!({ "pair": [{ "x": 8, "y": 9 }, 7] }), "= pair"),
        (json!({ "named": { "a": { "x": 9 } } }), "= named.a.x"),
        (json!({ "named": { "a": null } }), "- named.a"),
        (json!({ "named": { "c": { "x": 9, "y": 9 } } }), "+ named.c"),
        (json!({ "points": [{ "x": 8, "y": 9 }] }), "= points"),
        (json!({ "wrapped": { "x": 9 } }), "= wrapped.x"),
        (json!({ "external": { "At": { "x": 9 } } }), "= external.At.x"),
        (json!({ "external": { "At": { "inner": { "y": 9 } } } }), "= external.At.inner.y"),
        (json!({ "external": "Nothing" }), "= external"),
        (json!({ "external": { "At": null, "Other": { "z": 9 } } }), "= external"),
        (json!({ "internal": { "x": 9 } }), "= internal.x"),
        (json!({ "internal": { "kind": "At", "x": 9 } }), "= internal.x"),
        (json!({ "internal": { "y": 9 } }), "= internal.y"),
        (json!({ "internal": { "kind": "Other", "x": null, "z": 9 } }), "= internal"),
        (json!({ "adjacent": { "value": { "x": 9 } } }), "= adjacent"),
        (json!({ "adjacent": { "kind": "At", "value": { "y": 9 } } }), "= adjacent"),
        (json!({ "adjacent": { "kind": "Other", "value": { "x": null, "z": 9 } } }), "= adjacent"),
        (json!({ "a": 9 }), "= a"),
        (json!({ "count": null }), "= count"),
        (json!({ "plain": {}, "named": {}, "external": {}, "internal": {}, "maybe": {} }), ""),
    ] {
        let places = places("", &patch).unwrap_or_else(|error| panic!("{patch}: {error}"));
        assert_eq!(places.join(", "), expected, "{patch}");
    }
}

#[test]
fn d0_a_merge_at_a_place_is_the_merge_of_its_owner() {
    for (path, patch, expected) in [
        ("plain", json!({ "x": 9, "y": 8 }), "= plain.x, = plain.y"),
        ("maybe", json!({ "x": 9 }), "= maybe.x"),
        ("absent", json!({ "x": 9, "y": 9 }), "= absent"),
        ("boxed", json!({ "x": 9 }), "= boxed.x"),
        ("shared", json!({ "x": 9 }), "= shared"),
        ("list.0", json!({ "x": 9 }), "= list.0.x"),
        ("named", json!({ "a": null, "b": { "y": 9 } }), "- named.a, = named.b.y"),
        ("wrapped", json!({ "x": 9 }), "= wrapped.x"),
        ("external", json!({ "At": { "x": 9 } }), "= external.At.x"),
        ("internal", json!({ "x": 9 }), "= internal.x"),
    ] {
        let places = places(path, &patch).unwrap_or_else(|error| panic!("{path} {patch}: {error}"));
        assert_eq!(places.join(", "), expected, "{path} {patch}");
    }
}

#[test]
fn d0_a_merge_that_does_not_fit_changes_nothing_and_names_its_place() {
    for (patch, expected) in [
        (json!({ "plain": null }), "missing field `plain`"),
        (json!({ "plain": { "x": null } }), "`plain.x`"),
        (json!({ "plain": { "x": "text" } }), "`plain.x`"),
        (json!({ "boxed": { "x": null } }), "`boxed.x`"),
        (json!({ "maybe": { "x": null } }), "`maybe.x`"),
        (json!({ "shared": { "x": null } }), "`shared`"),
        (json!({ "named": { "a": { "x": null } } }), "`named.a.x`"),
        (json!({ "absent": { "x": 9 } }), "`absent`"),
        (json!({ "points": { "x": 9 } }), "`points`"),
        (json!({ "list": { "0": { "x": 9 } } }), "`list`"),
        (json!({ "pair": { "0": { "x": 9 } } }), "`pair`"),
        (json!({ "external": { "Other": { "z": 9 } } }), "`external`"),
        (json!({ "internal": { "kind": "Other" } }), "`internal`"),
        (json!({ "adjacent": { "kind": "Other" } }), "`adjacent`"),
    ] {
        let error = places("", &patch).map(|places| panic!("{patch}: {places:?}")).unwrap_err();
        assert!(error.is_misfit(), "{patch}: {error}");
        assert!(error.to_string().contains(expected), "{patch}: {error}");
    }
}
