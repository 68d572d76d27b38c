//! The form of changesets as data.

use serde_json::{Value, json};
use sprag::state::{Changeset, Origin};

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
