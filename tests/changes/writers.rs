//! D5: the history of one writer beside the writes of others.

use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;
use serde_json::json;
use sprag::error::HistoryError;
use sprag::prelude::*;
use sprag::state::{Changeset, Origin};
use test_support::within;

use crate::domain::*;

/// A handle for each of two writers.
fn writers(world: &Model<World>) -> (Model<World>, Model<World>) {
    (world.by(Origin::new("tab", 1)), world.by(Origin::new("tab", 2)))
}

fn world() -> Model<World> {
    create_model("world", World::default())
}

fn is_empty(done: Result<u64, HistoryError>) -> bool {
    matches!(done, Err(HistoryError::Empty { .. }))
}

#[test]
fn d5_a_write_of_somebody_else_stays() {
    let world = world();
    let (mine, theirs) = writers(&world);
    let history = mine.history(10);
    let present = || (world.get(World::PATHS.name), world.get(World::PATHS.seen_count));

    mine.set(World::PATHS.name, "mine".into());
    theirs.set(World::PATHS.seen_count, 7);
    world.push(World::PATHS.tags, "nobody's".into());
    history.undo().unwrap();
    assert_eq!(present(), (String::new(), 7));

    theirs.set(World::PATHS.seen_count, 8);
    history.redo().unwrap();
    assert_eq!(present(), ("mine".to_owned(), 8), "writes of others drop no redo");
    assert_eq!(world.get(World::PATHS.tags), ["nobody's"]);
}

#[test]
fn d5_an_undo_over_a_write_of_somebody_else_changes_nothing() {
    let world = world();
    let (mine, theirs) = writers(&world);
    let history = mine.history(10);
    mine.set(World::PATHS.name, "mine".into());
    mine.transaction(|tx| {
        tx.set(World::PATHS.seen_count, 1);
        tx.set(World::PATHS.name, "again".into());
        Ok::<_, ()>(())
    })
    .unwrap();
    theirs.set(World::PATHS.seen_count, 2);
    let before = world.versioned();

    let refused = history.undo();

    let place = |refused| match refused {
        Err(HistoryError::Conflict { place }) => place,
        other => panic!("{other:?}"),
    };
    assert_eq!(place(refused), "seenCount");
    assert_eq!(world.versioned(), before);
    // The entry stays until the place has its value again.
    theirs.set(World::PATHS.seen_count, 1);
    history.undo().unwrap();
    history.undo().unwrap();
    assert_eq!(*world.snapshot(), World::default());
    theirs.set(World::PATHS.name, "theirs".into());
    assert_eq!(place(history.redo()), "name");
    assert_eq!(world.get(World::PATHS.name), "theirs");
}

#[test]
fn d5_undo_and_redo_carry_the_origin_of_their_history() {
    let world = world();
    let (mine, theirs) = writers(&world);
    let (history, other) = (mine.history(10), theirs.history(10));
    mine.set(World::PATHS.name, "mine".into());
    let mut changes = world.changes();
    let mut origin = || {
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        commit.origin().cloned().unwrap()
    };

    history.undo().unwrap();
    assert_eq!(origin(), Origin::new("tab", 1));
    history.redo().unwrap();
    assert_eq!(origin(), Origin::new("tab", 1));
    assert!(is_empty(other.undo()), "what another writer undoes is not an entry");

    let store = create_store("store", World::default());
    let first = store.by(Origin::new("tab", 1));
    let history = first.history(10);
    first.update(|world| world.name = "mine".into());
    store.update(|world| world.seen_count = 7);
    history.undo().unwrap();
    assert_eq!(*store.get(), World { seen_count: 7, ..World::default() });
}

#[test]
fn d5_a_new_write_of_the_same_writer_drops_the_redo() {
    let world = world();
    let (mine, _) = writers(&world);
    let history = mine.history(10);
    mine.set(World::PATHS.name, "first".into());
    history.undo().unwrap();
    mine.clone().set(World::PATHS.name, "second".into());
    assert!(is_empty(history.redo()));
    assert_eq!(world.get(World::PATHS.name), "second");
}

#[test]
fn d5_a_group_has_all_writes_of_its_call() {
    let world = world();
    let (mine, theirs) = writers(&world);
    let history = mine.history(10);
    history.group("both", || {
        mine.set(World::PATHS.name, "mine".into());
        // Another thread is not in the group.
        within(Duration::from_secs(20), move || theirs.set(World::PATHS.seen_count, 7));
        world.push(World::PATHS.tags, "handle".into());
    });

    history.undo().unwrap();

    assert_eq!(*world.snapshot(), World { seen_count: 7, ..World::default() });
    assert_eq!(history.redo_label().as_deref(), Some("both"));
    assert!(is_empty(history.undo()));
}

#[test]
fn d5_a_commit_of_several_writers_is_nobodys_entry() {
    let world = world();
    let (mine, theirs) = writers(&world);
    let (history, other, all) = (mine.history(10), theirs.history(10), world.history(10));
    let set = |by| {
        let set = json!({ "from": 0, "to": 1, "by": by, "ops": [["=", ["seenCount"], 5]] });
        serde_json::from_value::<Changeset>(set).unwrap()
    };
    world.apply(&set(json!([["tab", 1], ["tab", 2]]))).unwrap();
    assert!(is_empty(history.undo()) && is_empty(other.undo()));
    world.apply(&set(json!(["tab", 2]))).unwrap();
    assert!(is_empty(history.undo()));
    other.undo().unwrap();
    (0..3).for_each(|_| _ = all.undo().unwrap());
    assert_eq!(*world.snapshot(), World::default());
}

/// A subscriber that answers a write writes in the middle of the undo too.
#[test]
fn d5_one_redo_repeats_an_undo_and_what_callbacks_wrote_in_it() {
    let world = world();
    let (mine, theirs) = writers(&world);
    let (all, history) = (world.history(10), mine.history(10));
    let _answer = world.subscribe(World::PATHS.name, move |name: &String, _| {
        theirs.set(World::PATHS.seen_count, name.len() as u64);
    });
    let present = || (world.get(World::PATHS.name), world.get(World::PATHS.seen_count));

    mine.set(World::PATHS.name, "four".into());
    assert_eq!(present(), ("four".to_owned(), 4));
    history.undo().unwrap();
    assert_eq!(present(), (String::new(), 0));
    history.redo().unwrap();
    assert_eq!(present(), ("four".to_owned(), 4));
    assert!(is_empty(history.redo()));

    all.clear();
    mine.set(World::PATHS.name, "seven".into());
    all.undo().unwrap(); // the answer
    all.undo().unwrap();
    assert_eq!(present(), ("four".to_owned(), 4));
    all.redo().unwrap();
    assert_eq!(present(), ("seven".to_owned(), 5));
}

/// A kind of write that is not one of the list. A flattened field is left out, since it is
/// written as a part of the whole state.
fn of_others(kind: u8) -> u8 {
    match 17 + kind % 46 {
        kind @ ..37 => kind,
        kind => kind + 4,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// One writer has the list, the other everything else.
    #[test]
    fn d5_two_writers_undo_their_own(
        actions in proptest::collection::vec((any::<bool>(), any::<Action>()), 1..40)
    ) {
        let world = world();
        let (mine, theirs) = writers(&world);
        let (history, other) = (mine.history(1_000), theirs.history(1_000));
        let (mut own, mut others) = (0, 0);
        for (is_mine, (kind, a, b)) in actions {
            let before = world.version();
            let (writer, count) = if is_mine { (&mine, &mut own) } else { (&theirs, &mut others) };
            let kind = if is_mine { 9 + kind % 8 } else { of_others(kind) };
            write(writer, (kind, a, b));
            *count += world.version() - before;
        }
        let last = world.snapshot();

        (0..own).for_each(|_| _ = history.undo().unwrap());
        prop_assert_eq!(&*world.snapshot(), &World { list: Vec::new(), ..World::clone(&last) });
        (0..others).for_each(|_| _ = other.undo().unwrap());
        prop_assert_eq!(&*world.snapshot(), &World::default());
        prop_assert!(is_empty(history.undo()) && is_empty(other.undo()));
        (0..others).for_each(|_| _ = other.redo().unwrap());
        (0..own).for_each(|_| _ = history.redo().unwrap());
        prop_assert_eq!(&world.snapshot(), &last);
    }
}
