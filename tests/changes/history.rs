//! D4 and D5: what was written is taken back and made again.

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use sprag::error::HistoryError;
use sprag::prelude::*;

use crate::domain::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn d4_undo_leads_back_and_redo_forth(actions in proptest::collection::vec(any::<Action>(), 1..30)) {
        let world = create_model("world", World::default());
        let history = world.history(1_000);
        let mut states = vec![world.snapshot()];
        for action in actions {
            let version = world.version();
            match action.2 % 3 {
                0 => world.update(|world| rewrite(world, action)),
                1 => world.transaction(|tx| {
                    write_in(tx, action);
                    write_in(tx, (action.2, action.1, action.0));
                    Ok::<_, ()>(())
                }).unwrap(),
                _ => history.group("one", || write(&world, action)),
            }
            if world.version() > version {
                states.push(world.snapshot());
            }
        }
        for state in states.iter().rev().skip(1) {
            history.undo().unwrap();
            prop_assert_eq!(&world.snapshot(), state);
        }
        prop_assert!(is_empty(history.undo()));
        for state in states.iter().skip(1) {
            history.redo().unwrap();
            prop_assert_eq!(&world.snapshot(), state);
        }
        prop_assert!(is_empty(history.redo()));
    }
}

fn library() -> Model<World> {
    create_model(
        "world",
        World { list: vec![item(0, 0), item(1, 1), item(2, 2)], ..World::default() },
    )
}

#[test]
fn d5_a_new_write_drops_the_redo() {
    let world = library();
    let (history, none) = (world.history(10), world.history(0));
    world.set(World::PATHS.name, "mine".into());
    history.undo().unwrap();
    world.set(World::PATHS.seen_count, 7);

    assert!(is_empty(history.redo()));
    assert_eq!(world.get(World::PATHS.name), "");
    assert!(is_empty(none.undo()), "bounded by count");
}

#[test]
fn d4_undo_refuses_what_was_written_since() {
    let world = library();
    let stars = || World::PATHS.list.at(2).then(Item::PATHS.stars);
    let (mine, all) = (world.history(1), world.history(10));
    world.set(stars(), 1).unwrap();
    drop(mine);
    // Only `all` notes this write, and undoes in order; a history of the first write alone
    // would meet an element that is not where it was.
    world.remove(World::PATHS.list, 0);
    world.set(World::PATHS.list.at(1).then(Item::PATHS.stars), 2).unwrap();
    let after = world.snapshot();

    all.undo().unwrap();
    all.undo().unwrap();
    all.undo().unwrap();
    assert_eq!(world.snapshot().list, library().snapshot().list);
    (0..3).for_each(|_| {
        all.redo().unwrap();
    });
    assert_eq!(world.snapshot(), after);
}

/// Only a callback can write without the history's having noted it.
#[test]
fn d4_an_undo_that_is_refused_leaves_its_entry() {
    let world = library();
    let history = std::sync::Arc::new(world.history(10));
    let (sender, refused) = std::sync::mpsc::channel();
    let (inside, mine) = (world.clone(), history.clone());
    let first = std::sync::Once::new();
    let _hasty = world.subscribe(World::PATHS.name, move |_: &String, _| {
        first.call_once(|| {
            inside.set(World::PATHS.name, "second".into());
            sender.send(mine.undo()).unwrap();
        });
    });

    world.set(World::PATHS.name, "first".into());

    let refused = refused.recv().unwrap();
    assert!(matches!(&refused, Err(HistoryError::Conflict { place }) if place == "name"));
    assert_eq!(world.get(World::PATHS.name), "second");
    history.undo().unwrap();
    assert_eq!(world.get(World::PATHS.name), "first");
    history.undo().unwrap();
    assert_eq!(world.get(World::PATHS.name), "");
}

#[test]
fn d5_a_cleared_history_undoes_and_redoes_nothing() {
    let world = library();
    let history = world.history(10);
    for name in ["first", "second"] {
        history.group(name, || world.set(World::PATHS.name, name.into()));
    }
    history.undo().unwrap();
    assert_eq!(history.undo_label().as_deref(), Some("first"));
    assert_eq!(history.redo_label().as_deref(), Some("second"));

    history.clear();

    assert_eq!((history.undo_label(), history.redo_label()), (None, None));
    assert!(is_empty(history.undo()) && is_empty(history.redo()));
    assert_eq!(world.get(World::PATHS.name), "first");
}

#[test]
fn d5_groups_are_one_entry_with_a_label() {
    let world = library();
    let history = world.history(10);

    history.group("drag", || {
        (1..=5).for_each(|n| {
            world.set(World::PATHS.seen_count, n);
        });
        world.push(World::PATHS.list, item(3, 0));
    });
    world.set(World::PATHS.name, "after".into());

    assert_eq!(history.undo_label(), None);
    history.undo().unwrap();
    assert_eq!(history.undo_label().as_deref(), Some("drag"));
    let version = world.version();
    assert_eq!(history.undo().unwrap(), version + 1, "one commit");
    assert_eq!(world.snapshot(), library().snapshot());
    assert_eq!(history.redo_label().as_deref(), Some("drag"));
    history.redo().unwrap();
    assert_eq!((world.get(World::PATHS.seen_count), world.snapshot().list.len()), (5, 4));
}

#[test]
fn d5_values_need_no_serde() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Plain {
        name: String,
        list: Vec<u8>,
        #[model(skip)]
        hidden: u8,
    }
    let plain = create_model("plain", Plain::default());
    let history = plain.history(10);

    plain.update(|plain| (plain.hidden, plain.list) = (7, vec![1]));
    history.undo().unwrap();

    assert_eq!(*plain.snapshot(), Plain::default(), "also what paths do not reach");
}

#[test]
fn d4_a_value_that_does_not_equal_itself_is_undone_and_redone() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Sensors {
        heat: f64,
        list: Vec<f64>,
        by_name: std::collections::BTreeMap<String, f64>,
    }
    let sensors = create_model("sensors", Sensors::default());
    let history = sensors.history(10);
    sensors.set(Sensors::PATHS.heat, f64::NAN);
    sensors.push(Sensors::PATHS.list, f64::NAN);
    sensors.insert(Sensors::PATHS.by_name, "a", f64::NAN);

    (0..3).for_each(|_| {
        history.undo().unwrap();
    });
    assert_eq!(*sensors.snapshot(), Sensors::default());
    (0..3).for_each(|_| {
        history.redo().unwrap();
    });
    assert!(sensors.get(Sensors::PATHS.heat).is_nan());
    assert_eq!(sensors.snapshot().list.len(), 1);

    sensors.set(Sensors::PATHS.heat, 7.0);
    history.undo().unwrap();
    assert!(sensors.get(Sensors::PATHS.heat).is_nan());
}

#[test]
fn d4_an_undo_refuses_what_was_written_over_a_value_that_does_not_equal_itself() {
    #[derive(Model, Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Sensor {
        #[model(leaf)]
        both: (f64, u64),
    }
    let sensor = create_model("sensor", Sensor::default());
    let mut changes = sensor.changes();
    sensor.set(Sensor::PATHS.both, (f64::NAN, 1));
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let inverse = commit.inverse();
    sensor.set(Sensor::PATHS.both, (f64::NAN, 2));

    assert!(sensor.apply(&inverse).is_err());
    assert_eq!(sensor.get(Sensor::PATHS.both).1, 2);
}

fn is_empty(done: Result<u64, HistoryError>) -> bool {
    matches!(done, Err(HistoryError::Empty { .. }))
}

#[test]
fn d5_a_history_keeps_as_many_entries_as_it_was_asked_for() {
    let world = library();
    let history = world.history(2);
    for count in [1, 2, 3] {
        world.set(World::PATHS.seen_count, count);
    }
    history.undo().unwrap();
    history.undo().unwrap();
    assert_eq!(world.get(World::PATHS.seen_count), 1, "the first write is not kept");
    let error = history.undo().unwrap_err();
    assert!(error.to_string().contains("undo"), "{error}");
    history.redo().unwrap();
    history.redo().unwrap();
    assert_eq!(world.get(World::PATHS.seen_count), 3);
    let error = history.redo().unwrap_err();
    assert!(error.to_string().contains("redo"), "{error}");
}
