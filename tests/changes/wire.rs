//! The form of changesets as data.

use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag::state::{Changeset, Origin};

use crate::domain::World;
use crate::interpreter::apply;

fn parse(ops: Value) -> Result<Changeset, serde_json::Error> {
    serde_json::from_value(json!({ "from": 1, "to": 2, "ops": ops }))
}

#[test]
fn d1_a_changeset_is_the_same_after_a_round_trip() {
    let data = json!({
        "from": 6,
        "to": 7,
        "by": ["tab-3", 12],
        "ops": [
            ["=", ["playback", "position"], 90],
            ["=", [], { "a": 1 }],
            ["+", ["queue", 2], { "title": "Alien" }, { "title": "Brazil" }],
            ["+", ["users", "7"], null],
            ["-", ["users", "7"]],
            ["-", ["queue"], [0, 2]],
            ["-", ["users"], ["a.b", ""]],
            ["~", ["queue"], 1, [2, 1]],
        ],
    });

    let set: Changeset = serde_json::from_value(data.clone()).unwrap();

    assert_eq!((set.from, set.to, &*set.by), (6, 7, &[Origin::new("tab-3", 12)][..]));
    assert_eq!(serde_json::to_value(&set).unwrap(), data);
}

#[test]
fn d3_what_is_not_an_op_is_an_error_that_says_so() {
    let refused = |op: Value| parse(json!([op])).unwrap_err().to_string();

    assert!(refused(json!(["*", []])).contains("`*` is not an op"));
    assert!(refused(json!(["=", []])).contains("invalid length 2"));
    assert!(refused(json!(["=", [], 1, 2])).contains("too many parts"));
    assert!(refused(json!(["=", [1.5], 1])).contains("1.5"));
    assert!(refused(json!(["~", ["a"], -1, []])).contains("-1"));
    assert!(refused(json!({})).contains("an op"));
    assert!(refused(json!(["y".repeat(10_000), []])).len() < 200, "bounded");
}

#[test]
fn d1_the_interpreter_follows_every_op() {
    let state = json!({ "queue": ["a", "b", "c"], "users": { "7": 1, "8": 2 } });
    let after = |ops: Value| apply(state.clone(), &json!({ "ops": ops }));

    assert_eq!(after(json!([["=", ["queue", 1], "x"]])).unwrap()["queue"], json!(["a", "x", "c"]));
    assert_eq!(
        after(json!([["+", ["queue", 1], "x", "y"]])).unwrap()["queue"],
        json!(["a", "x", "y", "b", "c"])
    );
    assert_eq!(after(json!([["-", ["queue"], [0, 2]]])).unwrap()["queue"], json!(["b"]));
    assert_eq!(
        after(json!([["~", ["queue"], 1, [2, 1]]])).unwrap()["queue"],
        json!(["a", "c", "b"])
    );
    assert_eq!(after(json!([["-", ["users", "7"]]])).unwrap()["users"], json!({ "8": 2 }));
    assert!(after(json!([["-", ["users", "9"]]])).is_err());
}

#[test]
fn d1_changesets_are_equal_where_their_ops_are() {
    let world = create_model("world", World::default());
    let mut changes = world.changes();
    let mut next = || changes.next().now_or_never().unwrap().unwrap().unwrap().changeset();
    world.set(World::PATHS.seen_count, 1);
    let one = next();
    let parsed: Changeset = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(parsed, one);
    assert_eq!(one.clone(), one);

    let other = create_model("world", World::default());
    let mut changes = other.changes();
    other.set(World::PATHS.seen_count, 2);
    let two = changes.next().now_or_never().unwrap().unwrap().unwrap().changeset();
    assert_ne!(two, one, "another value");
    assert_eq!(
        serde_json::to_value(&one).unwrap(),
        json!({ "from": 0, "to": 1, "ops": [["=", ["seenCount"], 1]] }),
        "a changeset without an origin says nothing of one"
    );
}
