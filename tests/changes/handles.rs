//! Writes that handles of models and stores have, and transactions do not.

use serde_json::{Value, json};
use sprag::path::Address;
use sprag::prelude::*;

use crate::domain::*;

/// The kinds that a model and a store have.
macro_rules! writes_of_handles {
    ($on:ident, $kind:ident, $a:ident, $b:ident) => {{
        let now = || World::clone(&$on.snapshot());
        match $kind % 12 {
            0 => drop($on.replace(World { list: vec![item($a, $b)], ..now() })),
            1 if $b % 3 == 0 => $on.reset(),
            1 | 2 => drop($on.try_update(|world| {
                rewrite(world, ($a, $b, $kind));
                if $b % 4 == 0 { Err(()) } else { Ok(()) }
            })),
            3 => drop($on.set_value("list.0.stars", json!($b % 3))),
            4 => drop($on.set_value("flat.x", json!($a)).or($on.set_value("x", json!($b)))),
            5 => drop($on.patch_value(
                "",
                json!({ "name": text($a), "list": [item($a, $b)], "note": null }),
            )),
            6 => drop($on.patch_value("external", json!({ "Named": { "speed": $b } }))),
            7 => drop($on.set_at(&place(json!(["byId", ($a % 4).to_string()])), json!(item($a, $b)))),
            8 => drop($on.merge_at(&place(json!(["pair", 1])), json!({ "stars": $b % 3 }))),
            9 => drop($on.merge_at(&place(json!(["odd"])), json!({ text($a): $b, "a": null }))),
            10 => drop($on.apply(&changeset($kind, $a, $b))),
            _ => {
                let is_short = |world: &World| if world.list.len() < 5 { Ok(()) } else { Err(()) };
                drop($on.apply_if(&changeset($kind, $b, $a), |_| Ok(()), is_short));
            }
        }
    }};
}

/// A write that is made by a handle alone.
pub(crate) fn write_by_handle(world: &Model<World>, (kind, a, b): Action) {
    match kind {
        0..20 => drop(world.compare_and_set(World::PATHS.seen_count, &u64::from(a % 2), 1)),
        20..40 => drop(world.compare_and_set(World::PATHS.list.at(0), &item(a, b), item(b, a))),
        _ => writes_of_handles!(world, kind, a, b),
    }
}

/// A write of a store.
pub(crate) fn write_store(world: &Store<World>, (kind, a, b): Action) {
    match kind {
        0..30 => world.set(WorldPatch::new().name(text(a)).list(vec![item(a, b)])),
        30..60 => world.update(|world| rewrite(world, (kind, a, b))),
        60..70 => drop(world.take()),
        _ => writes_of_handles!(world, kind, a, b),
    }
}

fn place(parts: Value) -> Address {
    serde_json::from_value(parts).unwrap()
}
