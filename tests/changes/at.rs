//! Streams that are limited to places, or carry the state.

use std::collections::{BTreeMap, HashMap};

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use sprag::View;
use sprag::error::Lagged;
use sprag::prelude::*;
use sprag::state::{ChangeKind, Changes};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Fleet {
    devices: BTreeMap<u32, Device>,
    queue: Vec<u32>,
    name: String,
    main: Option<Device>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Device {
    name: String,
    status: u32,
    seen: HashMap<u32, u32>,
}

fn fleet() -> Model<Fleet> {
    create_model("fleet", Fleet::default())
}

fn device(status: u32) -> Device {
    Device { status, ..Device::default() }
}

/// The waiting commits as JSON: their versions and ops.
fn taken<S: Clone + Send + Sync>(changes: &mut Changes<Fleet, S>) -> Vec<String>
where
    Changes<Fleet, S>: StreamExt<Item = Result<sprag::state::Commit<Fleet, S>, Lagged>> + Unpin,
{
    let mut taken = Vec::new();
    while let Some(Some(commit)) = changes.next().now_or_never() {
        let set = commit.expect("the reader is fast").changeset();
        taken.push(format!("{} {}", set.to, serde_json::to_string(&set.ops).unwrap()));
    }
    taken
}

#[test]
fn d10_a_stream_at_a_place_has_the_commits_that_changed_it() {
    let fleet = fleet();
    let seven = Fleet::PATHS.devices.key(7);
    let mut changes = fleet.changes().at(seven.then(Device::PATHS.status));

    fleet.insert(Fleet::PATHS.devices, 7, device(1)); // around the place
    fleet.insert(Fleet::PATHS.devices, 8, device(1));
    fleet.set(seven.then(Device::PATHS.status), 2).unwrap();
    fleet.set(seven.then(Device::PATHS.name), "lamp".into()).unwrap();
    fleet.set(seven.then(Device::PATHS.status), 2).unwrap(); // equal
    fleet.update(|fleet| fleet.devices.get_mut(&7).unwrap().status = 3);
    fleet.set(Fleet::PATHS.devices, BTreeMap::from([(7, device(4))]));
    fleet.remove(Fleet::PATHS.devices, 7);

    assert_eq!(
        taken(&mut changes),
        [
            r#"1 [["=",["devices","7","status"],1]]"#,
            r#"3 [["=",["devices","7","status"],2]]"#,
            r#"6 [["=",["devices","7","status"],3]]"#,
            r#"7 [["=",["devices","7","status"],4]]"#,
            r#"8 [["-",["devices","7","status"]]]"#,
        ]
    );
}

#[test]
fn d10_ops_below_the_place_stay_as_they_are() {
    let fleet = fleet();
    let mut changes = fleet.changes().at(Fleet::PATHS.devices.key(7));
    let mut both = fleet.changes().at((Fleet::PATHS.name, Fleet::PATHS.queue));
    let seen = Fleet::PATHS.devices.key(7).then(Device::PATHS.seen);

    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    fleet.insert(seen, 5, 6).unwrap();
    fleet.extend(Fleet::PATHS.queue, [1, 2]);
    fleet
        .transaction(|tx| {
            tx.set(Fleet::PATHS.name, "north".into());
            tx.remove(Fleet::PATHS.queue, 0);
            tx.insert(Fleet::PATHS.devices, 9, device(1));
            Ok::<(), ()>(())
        })
        .unwrap();

    let first = r#"{"name":"","status":1,"seen":{}}"#;
    assert_eq!(
        taken(&mut changes),
        [
            format!(r#"1 [["+",["devices","7"],{first}]]"#),
            r#"2 [["+",["devices","7","seen","5"],6]]"#.to_owned(),
        ]
    );
    let both = taken(&mut both);
    assert_eq!(both[0], r#"3 [["+",["queue",0],1,2]]"#);
    assert!(both[1].contains(r#"["=",["name"],"north"]"#), "{both:?}");
    assert!(both[1].contains(r#"["-",["queue",0]]"#), "{both:?}");
    assert!(!both[1].contains("devices"), "{both:?}");
}

#[test]
fn d10_each_limits_a_stream_to_a_place_in_every_entry() {
    let fleet = fleet();
    let mut statuses = fleet.changes().at(Fleet::PATHS.devices.each().then(Device::PATHS.status));

    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.name), "lamp".into()).unwrap();
    fleet.set(Fleet::PATHS.devices.key(7).then(Device::PATHS.status), 2).unwrap();
    fleet.remove(Fleet::PATHS.devices, 7);
    fleet.set(Fleet::PATHS.name, "north".into());

    assert_eq!(
        taken(&mut statuses),
        [
            r#"1 [["=",["devices","7","status"],1]]"#,
            r#"3 [["=",["devices","7","status"],2]]"#,
            r#"4 [["-",["devices","7","status"]]]"#,
        ]
    );
}

#[test]
fn d10_a_place_behind_an_index_has_the_value_that_moved_there() {
    let fleet = fleet();
    fleet.extend(Fleet::PATHS.queue, [5, 6, 7]);
    let mut second = fleet.changes().at(Fleet::PATHS.queue.at(1));

    fleet.remove(Fleet::PATHS.queue, 0); // 6 7
    fleet.push(Fleet::PATHS.queue, 8);
    fleet.sort_by(Fleet::PATHS.queue, |a, b| b.cmp(a)); // 8 7 6: the second stays
    fleet.pop(Fleet::PATHS.queue);
    fleet.pop(Fleet::PATHS.queue);

    assert_eq!(taken(&mut second), [r#"2 [["=",["queue",1],7]]"#, r#"6 [["-",["queue",1]]]"#]);
}

#[test]
fn d10_a_place_in_a_box_or_a_variant_has_the_ops_at_it() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Lamp {
        boxed: Box<Device>,
        mode: Mode,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    enum Mode {
        #[default]
        Off,
        On {
            level: u32,
            hue: u32,
        },
        Timed {
            level: u32,
        },
    }

    let lamp = create_model("lamp", Lamp::default());
    let ops = |changes: &mut Changes<Lamp>| {
        let mut ops = Vec::new();
        while let Some(Some(commit)) = changes.next().now_or_never() {
            let set = commit.unwrap().changeset();
            ops.push(format!("{} {}", set.to, serde_json::to_string(&set.ops).unwrap()));
        }
        ops
    };
    let boxed = Lamp::PATHS.boxed.deref();
    let (status, level) = (boxed.then(Device::PATHS.status), Lamp::PATHS.mode.on.level);
    let mut statuses = lamp.changes().at(status);
    let mut levels = lamp.changes().at(level);

    lamp.set(status, 1);
    lamp.set(boxed.then(Device::PATHS.name), "lamp".into());
    lamp.set(Lamp::PATHS.boxed, Box::new(device(2)));
    lamp.set(Lamp::PATHS.mode, Mode::On { level: 3, hue: 4 });
    lamp.set(level, 5).unwrap();
    lamp.set(Lamp::PATHS.mode.on.hue, 6).unwrap();
    lamp.set(Lamp::PATHS.mode, Mode::Timed { level: 7 });
    lamp.set(Lamp::PATHS.mode.timed.level, 8).unwrap();

    assert_eq!(
        ops(&mut statuses),
        [r#"1 [["=",["boxed","status"],1]]"#, r#"3 [["=",["boxed","status"],2]]"#]
    );
    assert_eq!(
        ops(&mut levels),
        [
            r#"4 [["=",["mode","On","level"],3]]"#,
            r#"5 [["=",["mode","On","level"],5]]"#,
            r#"7 [["-",["mode","On","level"]]]"#,
        ]
    );
}

#[test]
fn d1_an_update_in_a_variant_is_an_op_at_its_place() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Lamp {
        name: String,
        mode: Mode,
    }

    #[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Mode {
        Timed { level: u32 },
        On { level: u32, device: Device },
    }

    impl Default for Mode {
        fn default() -> Self {
            Self::On { level: 1, device: device(1) }
        }
    }

    let lamp = create_model("lamp", Lamp::default());
    let mut changes = lamp.changes();
    lamp.update(|lamp| {
        let Mode::On { level, device } = &mut lamp.mode else { panic!("the lamp is on") };
        (*level, device.status) = (2, 3);
    });
    lamp.update(|lamp| lamp.mode = Mode::Timed { level: 4 });
    let mut ops = || {
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        serde_json::to_string(&commit.changeset().ops).unwrap()
    };
    let both = r#"[["=",["mode","On","level"],2],["=",["mode","On","device","status"],3]]"#;
    assert_eq!(ops(), both);
    assert_eq!(ops(), r#"[["=",["mode"],{"Timed":{"level":4}}]]"#);
}

#[test]
fn d7_a_stream_that_asks_for_it_carries_the_state_of_each_commit() {
    let fleet = fleet();
    let mut changes = fleet.changes().bound(4).at(Fleet::PATHS.name).with_state();

    fleet.set(Fleet::PATHS.name, "a".into());
    fleet.push(Fleet::PATHS.queue, 1);
    fleet.set(Fleet::PATHS.name, "b".into());

    let states: Vec<_> = std::iter::from_fn(|| changes.next().now_or_never().flatten())
        .map(|commit| commit.unwrap())
        .map(|commit| (commit.version(), commit.state().name.clone(), commit.state().queue.len()))
        .collect();
    assert_eq!(states, [(1, "a".to_owned(), 0), (3, "b".to_owned(), 1)]);
}

#[test]
fn d7_a_bound_counts_the_commits_at_the_places() {
    let fleet = fleet();
    let mut changes = fleet.changes().at(Fleet::PATHS.name).bound(2);

    for name in ["a", "b", "c", "d"] {
        fleet.set(Fleet::PATHS.name, name.into());
        fleet.push(Fleet::PATHS.queue, 1);
    }

    assert_eq!(changes.next().now_or_never().flatten().unwrap().unwrap_err(), Lagged(2));
    assert_eq!(taken(&mut changes), [r#"5 [["=",["name"],"c"]]"#, r#"7 [["=",["name"],"d"]]"#]);
}

#[test]
fn d8_a_view_follows_changes() {
    let fleet = fleet();
    let view: View<Fleet> = fleet.view();
    let mut changes = view.changes();

    fleet.set(Fleet::PATHS.name, "a".into());

    assert_eq!(taken(&mut changes), [r#"1 [["=",["name"],"a"]]"#]);
    assert_eq!(view.versioned().0, 1);
}

#[test]
fn streams_of_a_destroyed_state_end() {
    let fleet = fleet();
    let mut changes = fleet.changes();
    fleet.set(Fleet::PATHS.name, "a".into());

    fleet.destroy();
    fleet.set(Fleet::PATHS.name, "b".into());
    assert_eq!(taken(&mut changes), [r#"1 [["=",["name"],"a"]]"#]);
    assert!(matches!(changes.next().now_or_never(), Some(None)));

    let mut late = fleet.changes().bound(1).at(Fleet::PATHS.name).with_state();
    assert!(matches!(late.next().now_or_never(), Some(None)));
    let orphan = late.bound(2);
    drop(fleet);
    assert!(matches!(orphan.bound(1).next().now_or_never(), Some(None)));
}

#[test]
fn i3_a_stream_may_be_dropped_while_its_commit_is_delivered() {
    let fleet = fleet();
    let slot = std::sync::Arc::new(std::sync::Mutex::new(Some(fleet.changes())));
    let own = std::sync::Arc::clone(&slot);
    let _subscription =
        fleet.subscribe(Fleet::PATHS.name, move |_, _| drop(own.lock().unwrap().take()));
    let mut other = fleet.changes();

    fleet.set(Fleet::PATHS.name, "a".into());
    fleet.set(Fleet::PATHS.name, "b".into());

    assert!(slot.lock().unwrap().is_none());
    assert_eq!(taken(&mut other).len(), 2);
    assert_eq!(fleet.panics(), 0);
}

#[test]
fn a_changed_place_says_what_was_done_there() {
    let fleet = fleet();
    let mut changes = fleet.changes();

    fleet.extend(Fleet::PATHS.queue, [5, 6, 7]);
    fleet.set(Fleet::PATHS.queue.at(1), 8).unwrap();
    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    fleet.insert(Fleet::PATHS.devices, 7, device(2));
    fleet.remove(Fleet::PATHS.devices, 7);
    fleet.sort_by(Fleet::PATHS.queue, |a, b| b.cmp(a));
    fleet.retain(Fleet::PATHS.queue, |n| *n == 7);

    let mut seen = Vec::new();
    while let Some(Some(Ok(commit))) = changes.next().now_or_never() {
        seen.extend(commit.changes().map(|change| (change.path(), change.kind())));
    }
    use ChangeKind::{Inserted, Removed, Reordered, Written};
    let expected = [
        ("queue.0", Inserted),
        ("queue.1", Inserted),
        ("queue.2", Inserted),
        ("queue.1", Written),
        ("devices.7", Inserted),
        ("devices.7", Written),
        ("devices.7", Removed),
        ("queue", Reordered),
        ("queue.0", Removed),
        ("queue.2", Removed),
    ];
    assert_eq!(seen, expected.map(|(path, kind)| (path.to_owned(), kind)));
}

#[test]
fn d10_a_stream_at_a_key_has_nothing_of_another_key_in_the_same_commit() {
    let fleet = fleet();
    let status = |id: u32| Fleet::PATHS.devices.key(id).then(Device::PATHS.status);
    fleet.insert(Fleet::PATHS.devices, 7, device(1));
    fleet.insert(Fleet::PATHS.devices, 8, device(1));
    let mut changes = fleet.changes().at(status(7));
    fleet.update(|fleet| fleet.devices.values_mut().for_each(|device| device.status = 2));
    assert_eq!(taken(&mut changes), [r#"3 [["=",["devices","7","status"],2]]"#]);
}
