//! D3: a changeset that left the process is applied to another model.

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, json, to_value};
use sprag::error::{ApplyError, ApplyIfError};
use sprag::prelude::*;
use sprag::state::{Changes, Changeset, Origin};

use crate::domain::*;

/// The changeset after it went through text.
fn sent(set: &Changeset) -> Changeset {
    serde_json::from_str(&serde_json::to_string(set).unwrap()).unwrap()
}

/// Applies what was committed to the replica; the two must be equal in all that serde shows.
fn follow(world: &Model<World>, changes: &mut Changes<World>, replica: &Model<World>) {
    while let Some(Some(commit)) = changes.next().now_or_never() {
        let set = sent(&commit.unwrap().changeset());
        let version = replica.apply_at(&set).unwrap_or_else(|error| panic!("{error}: {set:?}"));
        assert_eq!(version, set.to);
    }
    let shown = |world: &Model<World>| World { secret: 0, ..World::clone(&world.snapshot()) };
    assert_eq!(shown(replica), shown(world));
}

fn actions(count: usize) -> impl Strategy<Value = Vec<Action>> {
    proptest::collection::vec(any::<Action>(), 1..count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn d3_a_replica_follows_every_kind_of_write(actions in actions(40)) {
        let (world, replica) = (create_model("world", World::default()), create_model("replica", World::default()));
        let mut changes = world.changes();
        for action in actions {
            match action.1 % 3 {
                0 => world.update(|world| rewrite(world, action)),
                1 => world.transaction(|tx| {
                    write_in(tx, action);
                    write_in(tx, (action.2, action.1, action.0));
                    Ok::<_, ()>(())
                }).unwrap(),
                _ => write(&world, action),
            }
            follow(&world, &mut changes, &replica);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn d4_the_inverse_of_a_commit_gives_the_state_before(actions in actions(30)) {
        let world = create_model("world", World::default());
        let mut changes = world.changes();
        for action in actions {
            let before = world.snapshot();
            match action.1 % 3 {
                0 => world.update(|world| rewrite(world, action)),
                1 => world.transaction(|tx| {
                    write_in(tx, action);
                    write_in(tx, (action.2, action.1, action.0));
                    Ok::<_, ()>(())
                }).unwrap(),
                _ => write(&world, action),
            }
            let after = World::clone(&world.snapshot());
            let mut inverses = Vec::new();
            while let Some(Some(commit)) = changes.next().now_or_never() {
                inverses.push(commit.unwrap().inverse());
            }
            for through_text in [false, true] {
                let replica = create_model("replica", after.clone());
                for inverse in inverses.iter().rev() {
                    let inverse = if through_text { sent(inverse) } else { inverse.clone() };
                    replica.apply(&inverse).unwrap_or_else(|error| panic!("{error}: {inverse:?}"));
                }
                let shown = |world: &World| World { secret: 0, ..world.clone() };
                prop_assert_eq!(shown(&replica.snapshot()), shown(&before), "{:?}", inverses);
            }
        }
    }
}

/// A write of a flattened field is an op of the whole, and what serde skips is in no op.
#[test]
fn d4_what_serde_skips_does_not_stand_against_an_inverse() {
    let world = create_model("world", World::default());
    let mut changes = world.changes();
    let before = world.snapshot();
    world
        .transaction(|tx| {
            write_in(tx, (40, 109, 55));
            write_in(tx, (55, 109, 96));
            Ok::<_, ()>(())
        })
        .unwrap();
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    world.apply(&commit.inverse()).unwrap();
    assert_eq!(World { secret: 0, ..World::clone(&world.snapshot()) }, *before);
}

#[test]
fn d4_an_inverse_touches_its_own_places_or_nothing() {
    let world = library();
    let mut changes = world.changes();
    let mut next = move || changes.next().now_or_never().unwrap().unwrap().unwrap();
    world.set(World::PATHS.seen_count, 5);
    let count = next().inverse();
    world.push(World::PATHS.list, item(7, 7));
    let push = next().inverse();
    world.remove(World::PATHS.list, 0);
    next();

    let before = world.snapshot();
    assert!(world.apply(&push).is_err()); // another element is there
    assert_eq!(world.snapshot(), before);
    world.apply(&count).unwrap();
    assert_eq!((world.get(World::PATHS.seen_count), world.snapshot().list.len()), (0, 3));
    assert!(world.apply(&count).is_err());
}

fn set(from: u64, ops: Value) -> Changeset {
    serde_json::from_value(json!({ "from": from, "to": from + 1, "ops": ops })).unwrap()
}

fn library() -> Model<World> {
    let world = World { list: vec![item(0, 0), item(1, 1), item(2, 2)], ..World::default() };
    create_model("world", World { by_id: [(7, item(0, 1))].into(), ..world })
}

#[test]
fn d3_a_changeset_is_all_or_nothing() {
    let world = library();
    let before = world.snapshot();

    let error = world
        .apply(&set(
            0,
            json!([["=", ["seenCount"], 5], ["-", ["list"], [0, 1]], ["=", ["nowhere"], ""]]),
        ))
        .unwrap_err();

    assert!(error.to_string().starts_with("op 2 does not fit: there is no `nowhere`"), "{error}");
    assert_eq!((world.version(), world.snapshot()), (0, before));
}

#[test]
fn d3_what_does_not_fit_says_where() {
    let world = library();
    let refused = |op: Value| world.apply(&set(0, json!([op]))).unwrap_err().to_string();

    assert!(refused(json!(["=", ["seenCount"], "x"])).contains("`seenCount`"));
    assert!(refused(json!(["=", ["list", 9, "title"], ""])).contains("no index `9`"));
    assert!(refused(json!(["+", ["list", 4], { "title": "", "marks": [] }])).contains("indices"));
    assert!(refused(json!(["+", ["byId", "7"], { "title": "", "marks": [] }])).contains("already"));
    assert!(refused(json!(["-", ["byId", "8"]])).contains("no `8`"));
    assert!(refused(json!(["-", ["list"], [1, 1]])).contains("indices"));
    assert!(refused(json!(["~", ["list"], 0, [0, 0, 1]])).contains("indices"));
    assert!(refused(json!(["~", ["array"], 2, [2, 3]])).contains("indices"));
    assert!(refused(json!(["+", ["array", 0], 1])).contains("kind"));
    assert!(refused(json!(["-", ["seenCount"]])).contains("kind"));
    assert!(refused(json!(["=", ["secret"], 1])).contains("secret"));
    assert_eq!(world.version(), 0);
}

#[test]
fn d3_a_changeset_of_another_version_is_refused() {
    let world = library();
    world.set(World::PATHS.seen_count, 1);

    let error = world.apply_at(&set(0, json!([]))).unwrap_err();

    assert_eq!(
        error.to_string(),
        "the changeset starts from version 0, but the state is at 1; begin again with the whole state"
    );
    assert_eq!(world.apply_at(&set(1, json!([]))).unwrap(), 2, "an empty changeset is a commit");
}

#[test]
fn d11_checks_see_the_state_before_and_after_the_ops() {
    let world = library();
    let ops = set(0, json!([["=", ["seenCount"], 5], ["-", ["list"], [0, 1]]]));

    let now = |world: &World| if world.list.len() == 3 { Ok(()) } else { Err("no list") };
    let next = |world: &World| {
        if (world.seen_count, world.list.len()) == (5, 1) { Ok(()) } else { Err("no writes") }
    };
    assert_eq!(world.apply_if(&ops, now, next).unwrap(), 1);

    let refused = world.apply_if(&ops, now, |_| unreachable!());
    assert!(matches!(refused, Err(ApplyIfError::Refused("no list"))), "{refused:?}");
    let more = set(1, json!([["=", ["seenCount"], 6], ["-", ["list", 0]]]));
    let refused = world.apply_if(&more, |_| Ok(()), next);
    assert!(matches!(refused, Err(ApplyIfError::Refused("no writes"))), "{refused:?}");
    let refused = world.apply_if(&ops, |_| Ok::<(), ()>(()), |_| Ok(()));
    assert!(matches!(refused, Err(ApplyIfError::Apply(_))), "{refused:?}");
    assert_eq!((world.version(), world.snapshot().seen_count), (1, 5));
}

#[test]
fn d11_the_commit_of_a_changeset_has_the_origin_of_the_handle_or_its_own() {
    let world = library();
    let mut changes = world.changes();
    let mut next = move || changes.next().now_or_never().unwrap().unwrap().unwrap();
    let by = |by: &Value| {
        let set = json!({ "from": 0, "to": 1, "by": by, "ops": [["=", ["seenCount"], 5]] });
        serde_json::from_value::<Changeset>(set).unwrap()
    };

    world.apply(&by(&json!(["tab", 3]))).unwrap();
    assert_eq!(next().origin(), Some(&Origin::new("tab", 3)));
    world.by(Origin::new("hub", 4)).apply(&by(&json!(["tab", 3]))).unwrap();
    assert_eq!(next().origin(), Some(&Origin::new("hub", 4)));
    let checked = world.by(Origin::new("hub", 5));
    checked.apply_if(&by(&Value::Null), |_| Ok::<(), ()>(()), |_| Ok(())).unwrap();
    assert_eq!(next().origin(), Some(&Origin::new("hub", 5)));
    let written = world.by(Origin::new("hub", 6)).transaction(|tx| {
        tx.set(World::PATHS.seen_count, 6);
        Ok::<(), ()>(())
    });
    assert_eq!((written, next().origin()), (Ok(()), Some(&Origin::new("hub", 6))));
}

#[test]
fn d11_a_changeset_of_several_writers_has_all_their_origins() {
    let world = library();
    let mut changes = world.changes();
    let both = [Origin::new("tab", 3), Origin::new("hub", 4)];
    let by = json!([["tab", 3], ["hub", 4]]);
    let set = json!({ "from": 0, "to": 1, "by": by, "ops": [["=", ["seenCount"], 5]] });
    let set = serde_json::from_value::<Changeset>(set).unwrap();
    let (sender, seen) = std::sync::mpsc::channel();
    let _seen = world.subscribe(World::PATHS.seen_count, move |_, change| {
        sender.send((change.origin().cloned(), change.origins().to_vec())).unwrap();
    });

    world.apply(&set).unwrap();

    assert_eq!(seen.try_recv(), Ok((None, both.to_vec())));
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    assert_eq!((commit.origin(), commit.origins()), (None, &both[..]));
    assert_eq!(to_value(commit.changeset()).unwrap()["by"], by);
}

#[test]
fn d11_a_changeset_in_a_transaction_is_made_after_the_writes_before_it_or_all_is_taken_back() {
    let world = library();
    let good = set(0, json!([["=", ["seenCount"], 5]]));
    let bad = set(0, json!([["=", ["seenCount"], 6], ["-", ["list", 99]]]));

    let made = world.transaction(|tx| {
        tx.set(World::PATHS.seen_count, 4);
        tx.apply(&good)?;
        Ok::<_, ApplyError>(tx.get(World::PATHS.seen_count))
    });
    assert_eq!((made.unwrap(), world.version()), (5, 1));

    world.transaction(|tx| tx.apply(&bad)).unwrap_err();
    assert_eq!((world.get(World::PATHS.seen_count), world.version()), (5, 1));
    // Nothing differs, and there is a commit.
    world.transaction(|tx| tx.apply(&good)).unwrap();
    assert_eq!(world.version(), 2);
}

#[test]
fn d3_a_dash_inserts_at_the_end_of_a_list_and_is_a_key_of_a_map() {
    let world = library();
    let mut changes = world.changes();
    let item = |at| to_value(item(at, at)).unwrap();

    world
        .apply(&set(0, json!([["-", ["list", 0]], ["+", ["list", "-"], item(8), item(9)]])))
        .unwrap();

    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let sent = to_value(commit.changeset()).unwrap();
    let inserted = sent["ops"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(inserted, json!(["+", ["list", 2], item(8), item(9)]));
    assert_eq!(world.snapshot().list.len(), 4);
    assert!(world.apply(&set(1, json!([["=", ["list", "-"], item(1)]]))).is_err());
    assert!(world.apply(&set(1, json!([["-", ["list", "-"]]]))).is_err());
}

#[test]
fn d3_removals_lead_to_the_state() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct S {
        list: Vec<u8>,
    }
    let model = create_model("s", S { list: vec![1, 2, 3] });
    let mut changes = model.changes();
    let mut next =
        || to_value(changes.next().now_or_never().unwrap().unwrap().unwrap().changeset()).unwrap();

    model.remove(S::PATHS.list, 0);
    assert_eq!(next()["ops"], json!([["-", ["list", 0]]]));
    model.set(S::PATHS.list, vec![1, 2, 3]);
    assert_eq!(next()["ops"], json!([["=", ["list"], [1, 2, 3]]]));
    model.set(S::PATHS.list.at(0), 2).unwrap();
    assert_eq!(next()["ops"], json!([["=", ["list", 0], 2]]));
    model.retain(S::PATHS.list, |n| *n == 3);
    assert_eq!(next()["ops"], json!([["-", ["list"], [0, 1]]]));
    model.set(S::PATHS.list.at(0), 3).unwrap();
    assert_eq!(next()["ops"], json!([]), "an equal write is an empty changeset");
}

#[test]
fn d3_keys_with_dots_are_their_own_places() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct S {
        s: std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>,
    }
    let state: S =
        serde_json::from_value(json!({ "s": { "a.b": { "c": 1 }, "a": { "b.c": 2 } } })).unwrap();
    let model = create_model("s", state);
    let mut changes = model.changes();

    model.insert(S::PATHS.s.key("a"), "b.c", 9).unwrap();

    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    assert_eq!(to_value(commit.changeset()).unwrap()["ops"], json!([["=", ["s", "a", "b.c"], 9]]));
    assert_eq!(commit.changes().next().unwrap().json(), Some(json!(9)));
}
