//! A store as one thread sees it.

use sprag::prelude::*;

use crate::domain::*;

fn connections() -> Store<Connections> {
    create_store("connections", Connections::default())
}

#[test]
fn set_merges_and_get_is_a_snapshot() {
    let connections = connections();
    let before = connections.get();

    connections.set(ConnectionsPatch::new().count(1));
    connections.update(|draft| draft.count += 1);

    assert_eq!(before.count, 0);
    assert_eq!(connections.get().count, 2);
    assert_eq!(connections.read(|state| state.active.len()), 0);
    assert_eq!(connections.version(), 2);
}

#[test]
fn an_empty_patch_commits_nothing() {
    let connections = connections();
    connections.set(ConnectionsPatch::new());
    assert_eq!(connections.version(), 0);
}

#[test]
fn subscribers_see_every_write_equal_or_not() {
    let connections = connections();
    let seen = Log::default();
    let log = seen.clone();
    let _every = connections.subscribe(move |snapshot, change| {
        log.push((snapshot.count, change.version(), change.name().to_owned()));
    });

    connections.set(ConnectionsPatch::new().count(1));
    connections.set(ConnectionsPatch::new().count(1));

    let name = || "connections".to_owned();
    assert_eq!(seen.take(), [(1, 1, name()), (1, 2, name())]);
}

#[test]
fn subscribe_now_shows_the_present_state_first() {
    let connections = connections();
    connections.set(ConnectionsPatch::new().count(3));
    let seen = Log::default();
    let log = seen.clone();
    let _now = connections.subscribe_now(move |snapshot, _| log.push(snapshot.count));
    assert_eq!(seen.take(), [3]);

    connections.update(|draft| draft.count += 1);
    assert_eq!(seen.take(), [4]);
}

#[test]
fn replace_take_and_reset() {
    let connections = create_store("c", Connections { count: 7, active: vec![] });

    assert_eq!(connections.take().count, 7);
    assert_eq!(connections.get().count, 0);
    let held = connections.get();
    assert_eq!(connections.replace(Connections { count: 9, active: vec![] }), held);
    connections.reset();
    assert_eq!(connections.get().count, 7);
}

#[test]
fn i5_a_failing_update_leaves_the_store_as_it_was() {
    let connections = connections();
    let failed: Result<(), _> = connections.try_update(|draft| {
        draft.count = 9;
        Err("no")
    });
    assert_eq!(failed, Err("no"));
    let panic = panic_of(|| {
        connections.update(|draft| {
            draft.count = 9;
            panic!("in the middle");
        });
    });
    assert_eq!(panic, "in the middle");
    assert_eq!((connections.get().count, connections.version()), (0, 0));
    connections.update(|draft| draft.count += 1);
    assert_eq!(connections.get().count, 1, "nothing is poisoned");
}

#[test]
fn emit_events_emits_and_destroy_stops_it() {
    let bus = Bus::new();
    let connections = connections();
    connections.emit_events(&bus).unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let _on = bus.on_topic(&connections.changed(), move |event| log.push(event.state.count));

    connections.set(ConnectionsPatch::new().count(5));
    connections.destroy();
    connections.set(ConnectionsPatch::new().count(6));

    assert_eq!(seen.take(), [5]);
}
