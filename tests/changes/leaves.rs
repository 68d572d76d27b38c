//! D2: a write of a part of a `#[model(leaf)]` collection sets the collection, which is the
//! smallest place around the part as data; a `Leaf` in a collection is a place of its own.

use std::collections::BTreeMap;

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::path::Leaf;
use sprag::prelude::*;

#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
struct Foreign(u8);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pools {
    pools: BTreeMap<String, Pool>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pool {
    #[model(leaf)]
    idle: Vec<Foreign>,
    #[model(leaf)]
    busy: BTreeMap<String, Foreign>,
    #[model(leaf)]
    best: Option<Foreign>,
    wrapped: Vec<Leaf<Foreign>>,
    named: BTreeMap<String, Leaf<Foreign>>,
}

fn pools() -> Model<Pools> {
    let pool = Pool {
        idle: vec![Foreign(3), Foreign(1)],
        busy: [("a".to_owned(), Foreign(2))].into(),
        best: Some(Foreign(4)),
        wrapped: vec![Leaf(Foreign(7)), Leaf(Foreign(5))],
        named: [("b".to_owned(), Leaf(Foreign(6)))].into(),
    };
    let other = Pool { idle: vec![Foreign(0); 1_000], ..pool.clone() };
    let pools = [("first".to_owned(), pool), ("other".into(), other)].into();
    create_model("pools", Pools { pools })
}

/// The ops of one write.
fn ops<T>(write: impl FnOnce(&Model<Pools>) -> T) -> Value {
    let pools = pools();
    let mut changes = pools.changes();
    write(&pools);
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    to_value(commit.changeset()).unwrap()["ops"].take()
}

#[test]
fn d2_a_part_of_a_leaf_collection_sets_the_collection_and_nothing_around_it() {
    let first = Pools::PATHS.pools.key("first");
    let idle = first.then(Pool::PATHS.idle);
    let busy = first.then(Pool::PATHS.busy);
    let best = first.then(Pool::PATHS.best);
    let is = |ops: Value, field: &str, value: Value| {
        assert_eq!(ops, json!([["=", ["pools", "first", field], value]]));
    };
    is(ops(|pools| pools.push(idle, Foreign(9))), "idle", json!([3, 1, 9]));
    is(ops(|pools| pools.set(idle.at(0), Foreign(9))), "idle", json!([9, 1]));
    is(ops(|pools| pools.sort(idle)), "idle", json!([1, 3]));
    is(ops(|pools| pools.insert(busy, "b", Foreign(9))), "busy", json!({ "a": 2, "b": 9 }));
    is(ops(|pools| pools.remove(busy, "a")), "busy", json!({}));
    is(ops(|pools| pools.set(best.some(), Foreign(9))), "best", json!(9));
    is(ops(|pools| pools.update_at(idle, |idle| idle.truncate(1))), "idle", json!([3]));
    is(
        ops(|pools| {
            pools.update(|pools| pools.pools.get_mut("first").unwrap().idle.clear());
        }),
        "idle",
        json!([]),
    );
}

#[test]
fn d2_a_leaf_in_a_collection_is_an_op_of_its_own() {
    let first = Pools::PATHS.pools.key("first");
    let wrapped = first.then(Pool::PATHS.wrapped);
    let named = first.then(Pool::PATHS.named);
    let pushed = ops(|pools| pools.push(wrapped, Leaf(Foreign(9))));
    assert_eq!(pushed, json!([["+", ["pools", "first", "wrapped", 2], 9]]));
    let set = ops(|pools| pools.set(wrapped.at(1), Leaf(Foreign(9))));
    assert_eq!(set, json!([["=", ["pools", "first", "wrapped", 1], 9]]));
    let removed = ops(|pools| pools.remove(named, "b"));
    assert_eq!(removed, json!([["-", ["pools", "first", "named", "b"]]]));
    let edited = ops(|pools| pools.update_at(wrapped, |all| all.insert(0, Leaf(Foreign(9)))));
    assert_eq!(edited, json!([["+", ["pools", "first", "wrapped", 0], 9]]));
}
