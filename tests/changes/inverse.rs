//! D4: an inverse that is applied later touches the places of its commit alone, or nothing.

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, to_value};
use sprag::prelude::*;
use sprag::state::{Changeset, Commit};

use crate::domain::*;

/// The commit of a write.
fn commit(world: &Model<World>, write: impl FnOnce(&Model<World>)) -> Option<Commit<World>> {
    let mut changes = world.changes();
    write(world);
    Some(changes.next().now_or_never()??.unwrap())
}

/// The inverse, as it is and after it went through text.
fn both_forms(commit: &Commit<World>) -> [Changeset; 2] {
    let inverse = commit.inverse();
    let sent = serde_json::from_str(&serde_json::to_string(&inverse).unwrap()).unwrap();
    [inverse, sent]
}

type Write = fn(&Model<World>);

#[test]
fn d4_an_inverse_whose_place_is_gone_changes_nothing() {
    let gone: [(&str, Write, Write); 9] = [
        (
            "a key",
            |world| _ = world.set(World::PATHS.by_id.key(7).then(Item::PATHS.stars), 2),
            |world| _ = world.remove(World::PATHS.by_id, 7_u64),
        ),
        (
            "an inserted key",
            |world| _ = world.insert(World::PATHS.by_id, 8_u64, item(1, 2)),
            |world| _ = world.remove(World::PATHS.by_id, 8_u64),
        ),
        (
            "a variant",
            |world| _ = world.set(World::PATHS.external.named.speed, 9),
            |world| _ = world.set(World::PATHS.external, External::Idle),
        ),
        (
            "a part of a variant",
            |world| _ = world.set(World::PATHS.external.named.item.stars, 2),
            |world| _ = world.set(World::PATHS.external, External::Playing(item(1, 2))),
        ),
        (
            "what is in an option",
            |world| _ = world.set(World::PATHS.note.some().marks, vec![7]),
            |world| _ = world.set(World::PATHS.note, None),
        ),
        (
            "what is in a box",
            |world| {
                let next = World::PATHS.node.next.some().deref();
                _ = world.set(next.then(Node::PATHS.value), 9);
            },
            |world| _ = world.set(World::PATHS.node.next, None),
        ),
        (
            "the end of a list",
            |world| _ = world.set(World::PATHS.list.at(2).then(Item::PATHS.stars), 0),
            |world| _ = world.pop(World::PATHS.list),
        ),
        (
            "a pushed element",
            |world| world.push(World::PATHS.list, item(4, 4)),
            |world| _ = world.pop(World::PATHS.list),
        ),
        (
            "a removed element",
            |world| _ = world.remove(World::PATHS.list, 2),
            |world| _ = world.set(World::PATHS.list, vec![]),
        ),
    ];
    for (name, write, remove) in gone {
        let world = create_model(
            "world",
            World {
                list: vec![item(0, 0), item(1, 1), item(2, 2)],
                by_id: [(7, item(0, 1))].into(),
                external: External::Named { item: item(1, 1), speed: 1 },
                note: Some(item(1, 1)),
                node: Node { next: Some(Box::default()), ..Node::default() },
                ..World::default()
            },
        );
        let commit = commit(&world, write).unwrap();
        remove(&world);
        let before = world.versioned();
        for inverse in both_forms(&commit) {
            let refused = world.apply(&inverse).map_err(|error| error.to_string());
            assert!(
                refused.as_ref().is_err_and(|error| error.len() < 2_000),
                "{name}: {refused:?}"
            );
            assert_eq!(world.versioned(), before, "{name}");
        }
    }
}

/// Removes the place of an op from the JSON of a state: all that the op may change.
fn without(state: &mut Value, op: &Value) {
    let place = op[1].as_array().unwrap();
    let Some((last, owner)) = place.split_last() else { return *state = Value::Null };
    let owner = owner.iter().try_fold(state, |value, part| match (value, part) {
        (Value::Array(items), Value::Number(index)) => {
            items.get_mut(usize::try_from(index.as_u64()?).ok()?)
        }
        (Value::Object(members), Value::String(name)) => members.get_mut(name),
        _ => None,
    });
    let is_whole = op[0] == "=";
    match (owner, last) {
        (Some(Value::Object(members)), Value::String(name)) => drop(members.remove(name)),
        (Some(Value::Array(items)), Value::Number(index)) if is_whole => {
            let index = index.as_u64().and_then(|index| usize::try_from(index).ok());
            if let Some(item) = index.and_then(|index| items.get_mut(index)) {
                *item = Value::Null;
            }
        }
        // An element or a member came or went: what the list has, and where, may differ.
        (Some(owner), _) => *owner = Value::Null,
        (None, _) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn d4_an_inverse_that_is_applied_later_touches_its_places_or_nothing(
        start in proptest::collection::vec(any::<Action>(), 0..12),
        action in any::<Action>(),
        later in proptest::collection::vec(any::<Action>(), 0..6),
    ) {
        let world = create_model("world", World::default());
        start.into_iter().for_each(|action| write(&world, action));
        let commit = commit(&world, |world| match action.1 % 2 {
            0 => write(world, action),
            _ => world.update(|world| rewrite(world, action)),
        });
        let Some(commit) = commit else { return Ok(()) };
        later.into_iter().for_each(|action| write(&world, action));
        let before = json(&world.snapshot());

        for inverse in both_forms(&commit) {
            let world = create_model("later", World::clone(&world.snapshot()));
            match world.apply(&inverse) {
                Err(error) => {
                    prop_assert!(error.to_string().len() < 2_000);
                    prop_assert_eq!((world.version(), json(&world.snapshot())), (0, before.clone()));
                }
                Ok(_) => {
                    let (mut before, mut after) = (before.clone(), json(&world.snapshot()));
                    for op in to_value(&inverse).unwrap()["ops"].as_array().unwrap() {
                        without(&mut before, op);
                        without(&mut after, op);
                    }
                    prop_assert_eq!(before, after, "{:?}", inverse);
                }
            }
        }
    }
}
