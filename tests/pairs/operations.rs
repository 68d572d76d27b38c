//! The operations that meet faults.

use std::future::pending;
use std::pin::pin;
use std::task::{Context, Waker};

use serde_json::json;
use sprag::state::Changeset;
use sprag::state::Transaction;
use test_support::faults::{Refused, Site, reach, run};

use crate::users::{k, v};
use crate::world::{Ping, Stage, World};

/// An operation: its name, and its code. Faults also meet the drop of its result.
pub type Operation = (&'static str, fn(&World));

type Tx<'a, 'b> = &'a mut Transaction<'b, Stage>;

fn closure() {
    run(Site::Closure);
}

fn apply(world: &World, ops: serde_json::Value) -> Changeset {
    let version = world.stage.version();
    let set = json!({ "from": version, "to": version + 1, "ops": ops });
    serde_json::from_value(set).unwrap()
}

fn several() -> serde_json::Value {
    json!([["=", ["one"], 9], ["+", ["list", 1], 9], ["-", ["map", "1"]], ["+", ["tree", "9"], 9]])
}

/// Several writes, with users' code between them.
fn write_all(tx: Tx<'_, '_>) -> Result<(), Refused> {
    tx.set(Stage::PATHS.one, v(9));
    tx.push(Stage::PATHS.list, v(9));
    reach(Site::Refusal)?;
    tx.insert(Stage::PATHS.map, k(1), v(9));
    tx.remove(Stage::PATHS.tree, k(2));
    tx.retain(Stage::PATHS.list, |item| {
        closure();
        item.0.0 != 1
    });
    tx.update_at(Stage::PATHS.one, |one| {
        one.0.0 += 1;
        closure();
    });
    tx.sort(Stage::PATHS.list);
    reach(Site::Refusal)
}

pub const OPERATIONS: &[Operation] = &[
    ("get", |world| drop(world.stage.get(Stage::PATHS.one))),
    ("set", |world| drop(world.stage.set(Stage::PATHS.one, v(9)))),
    ("set an equal value", |world| drop(world.stage.set(Stage::PATHS.one, v(1)))),
    ("compare_and_set", |world| {
        world.stage.compare_and_set(Stage::PATHS.one, &v(1), v(9));
    }),
    ("take", |world| drop(world.stage.take(Stage::PATHS.one))),
    ("update_at", |world| {
        world.stage.update_at(Stage::PATHS.one, |one| {
            one.0.0 = 9;
            closure();
        });
    }),
    ("update", |world| {
        world.stage.update(|stage| {
            stage.one = v(9);
            closure();
            stage.list.push(v(9));
        });
    }),
    ("try_update", |world| {
        let outcome = world.stage.try_update(|stage| {
            stage.one = v(9);
            reach(Site::Refusal)
        });
        drop(outcome);
    }),
    ("replace", |world| {
        let mut state = (*world.stage.snapshot()).clone();
        state.one = v(9);
        drop(world.stage.replace(state));
    }),
    ("push", |world| world.stage.push(Stage::PATHS.list, v(9))),
    ("extend", |world| {
        world.stage.extend(
            Stage::PATHS.list,
            (5..7).map(|n| {
                closure();
                v(n)
            }),
        );
    }),
    ("pop", |world| drop(world.stage.pop(Stage::PATHS.list))),
    ("insert a new key", |world| drop(world.stage.insert(Stage::PATHS.map, k(9), v(9)))),
    ("insert a known key", |world| drop(world.stage.insert(Stage::PATHS.map, k(1), v(9)))),
    ("insert into a tree", |world| drop(world.stage.insert(Stage::PATHS.tree, k(9), v(9)))),
    ("set by key", |world| drop(world.stage.set(Stage::PATHS.map.key(k(1)), v(9)))),
    ("update_or_insert", |world| {
        let change = |value: &mut crate::users::V| {
            value.0.0 += 1;
            closure();
        };
        world.stage.update_or_insert(Stage::PATHS.map, k(1), change, || v(1));
    }),
    ("remove", |world| drop(world.stage.remove(Stage::PATHS.map, k(1)))),
    ("remove from a tree", |world| drop(world.stage.remove(Stage::PATHS.tree, k(2)))),
    ("retain of a map", |world| {
        world.stage.retain(Stage::PATHS.map, |(key, _)| {
            closure();
            key.0.0 == 1
        });
    }),
    ("retain of a list", |world| {
        world.stage.retain(Stage::PATHS.list, |item| {
            closure();
            item.0.0 > 1
        });
    }),
    ("sort", |world| world.stage.sort(Stage::PATHS.list)),
    ("sort_by", |world| {
        world.stage.sort_by(Stage::PATHS.list, |a, b| {
            closure();
            b.0.0.cmp(&a.0.0)
        });
    }),
    ("transaction", |world| drop(world.stage.transaction(write_all))),
    ("set_value", |world| drop(world.stage.set_value("one", json!(9)))),
    ("set_value of a list", |world| drop(world.stage.set_value("list", json!([1, 2, 9])))),
    ("set_value by key", |world| drop(world.stage.set_value("map.1", json!(9)))),
    ("patch_value", |world| {
        drop(world.stage.patch_value("", json!({ "one": 9, "list": [9], "tree": { "2": 9 } })));
    }),
    ("get_value", |world| drop(world.stage.get_value("map"))),
    ("apply", |world| drop(world.stage.apply(&apply(world, several())))),
    ("apply_if", |world| {
        let set = apply(world, several());
        drop(world.stage.apply_if(&set, |_| reach(Site::Refusal), |_| reach(Site::Refusal)));
    }),
    ("undo", |world| drop(world.history.as_ref().map(|history| history.undo()))),
    ("redo", |world| drop(world.history.as_ref().map(|history| history.redo()))),
    ("a group that is undone", |world| {
        let Some(history) = &world.history else { return };
        history.group("nothing", closure);
        drop(history.undo());
    }),
    ("compute", |world| {
        world.cache.invalidate();
        drop(world.second_value());
    }),
    ("try to compute", |world| {
        world.cache.invalidate();
        drop(world.cache.try_get_or_compute(|| {
            reach(Site::Refusal).map_err(|_| "a fault")?;
            Ok::<_, &str>(world.stage.get(Stage::PATHS.one))
        }));
    }),
    ("a computation that is cancelled", |world| {
        world.cache.invalidate();
        let mut flight = pin!(world.cache.get_or_compute_async(|| {
            run(Site::Compute);
            pending()
        }));
        _ = flight.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }),
    ("read a cache", |world| drop((world.cache.get(), world.keyed.get(&k(1))))),
    ("set a cache", |world| world.cache.set(world.stage.get(Stage::PATHS.one))),
    ("invalidate", |world| world.cache.invalidate()),
    ("compute by key", |world| {
        world.keyed.invalidate(&k(1));
        drop(world.keyed_value(&k(1)));
    }),
    ("compute a new key", |world| drop(world.keyed_value(&k(2)))),
    ("compute more keys than there is room", |world| {
        (10..30).for_each(|key| drop(world.keyed_value(&k(key))));
    }),
    ("set by key of a cache", |world| {
        world.keyed.set(k(2), world.stage.get(Stage::PATHS.map.key(k(2))).unwrap());
    }),
    ("invalidate all keys", |world| world.keyed.invalidate_all()),
    ("emit", |world| world.bus.emit(Ping)),
    ("subscribe and drop", |world| {
        drop(world.stage.subscribe_now(Stage::PATHS.one, |_, _| run(Site::Callback)));
        drop(world.stage.subscribe(Stage::PATHS.map.key(k(2)), |_, _| ()));
    }),
];
