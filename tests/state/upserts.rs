//! Writes of entries that depend on the present entries: `insert_at`, `insert_if_absent`
//! and `update_or_insert`.

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    queue: Vec<String>,
    counts: BTreeMap<u32, u32>,
    rooms: HashMap<String, Vec<u8>>,
}

fn tv() -> Model<Tv> {
    create_model("tv", Tv { queue: vec!["a".into(), "b".into()], ..Tv::default() })
}

/// The values that a subscriber of `place` receives.
fn seen<V: Clone + Send + 'static>(
    subscribe: impl FnOnce(Arc<Mutex<Vec<V>>>) -> Subscription,
) -> (Arc<Mutex<Vec<V>>>, Subscription) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    (seen.clone(), subscribe(seen))
}

#[test]
fn an_element_is_inserted_between_others() {
    let tv = tv();
    let (second, _subscription) = seen(|seen| {
        tv.subscribe(Tv::PATHS.queue.at(1), move |item: Option<&String>, _| {
            seen.lock().unwrap().push(item.cloned());
        })
    });
    let (lengths, _len) = seen(|seen| {
        tv.subscribe(Tv::PATHS.queue.len(), move |len: &usize, _| seen.lock().unwrap().push(*len))
    });
    assert_eq!(tv.insert_at(Tv::PATHS.queue, 1, "new".into()), None);
    assert_eq!(tv.get(Tv::PATHS.queue), ["a", "new", "b"]);
    assert_eq!(*second.lock().unwrap(), [Some("new".to_owned())]);
    assert_eq!(*lengths.lock().unwrap(), [3]);
}

#[test]
fn an_index_past_the_end_gives_the_item_back() {
    let tv = tv();
    let before = tv.version();
    assert_eq!(tv.insert_at(Tv::PATHS.queue, 3, "late".into()).as_deref(), Some("late"));
    assert_eq!(tv.version(), before);
    assert_eq!(tv.insert_at(Tv::PATHS.queue, 2, "last".into()), None);
    assert_eq!(tv.get(Tv::PATHS.queue), ["a", "b", "last"]);
}

#[test]
fn a_value_is_inserted_only_where_there_is_none() {
    let tv = tv();
    assert_eq!(tv.insert_if_absent(Tv::PATHS.counts, 7, 1), None);
    let before = tv.version();
    assert_eq!(tv.insert_if_absent(Tv::PATHS.counts, 7, 2), Some(2));
    assert_eq!((tv.version(), tv.get(Tv::PATHS.counts.key(7))), (before, Some(1)));
}

#[test]
fn a_value_is_updated_or_inserted() {
    let tv = tv();
    let count = |key| tv.update_or_insert(Tv::PATHS.counts, key, |count| *count += 1, || 1);
    assert_eq!((count(7), count(7), count(8)), (None, Some(1), None));
    assert_eq!(tv.get(Tv::PATHS.counts), BTreeMap::from([(7, 2), (8, 1)]));
}

#[test]
fn an_update_that_panics_or_changes_nothing_notifies_no_subscriber() {
    let tv = tv();
    tv.insert(Tv::PATHS.rooms, "attic", vec![1]);
    let (rooms, _subscription) = seen(|seen| {
        tv.subscribe(Tv::PATHS.rooms.key("attic"), move |room: Option<&Vec<u8>>, _| {
            seen.lock().unwrap().push(room.cloned());
        })
    });
    let panics = || tv.update_or_insert(Tv::PATHS.rooms, "attic", |_| panic!("no"), Vec::new);
    assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
    let _ = tv.update_or_insert(Tv::PATHS.rooms, "attic", |_| {}, Vec::new);
    assert_eq!(*rooms.lock().unwrap(), []);
    let _ = tv.update_or_insert(Tv::PATHS.rooms, "attic", |room| room.push(2), Vec::new);
    assert_eq!(*rooms.lock().unwrap(), [Some(vec![1, 2])]);
}

#[test]
fn a_transaction_takes_them_back() {
    let tv = tv();
    let result: Result<(), &str> = tv.transaction(|tx| {
        let _ = tx.insert_at(Tv::PATHS.queue, 0, "first".into());
        let _ = tx.insert_if_absent(Tv::PATHS.counts, 7, 1);
        let _ = tx.update_or_insert(Tv::PATHS.counts, 7, |count| *count += 1, || 0);
        assert_eq!(tx.get(Tv::PATHS.counts.key(7)), Some(2));
        assert_eq!(tx.get(Tv::PATHS.queue.at(0)).as_deref(), Some("first"));
        Err("no")
    });
    assert_eq!(result, Err("no"));
    assert_eq!(*tv.snapshot(), *self::tv().snapshot());
}

#[test]
fn a_transaction_commits_them_at_once() {
    let tv = tv();
    let before = tv.version();
    let done: Result<(), &str> = tv.transaction(|tx| {
        let _ = tx.insert_at(Tv::PATHS.queue, 0, "first".into());
        let _ = tx.update_or_insert(Tv::PATHS.counts, 7, |count| *count += 1, || 1);
        Ok(())
    });
    assert_eq!((done, tv.version()), (Ok(()), before + 1));
    assert_eq!(tv.get(Tv::PATHS.queue.at(0)).as_deref(), Some("first"));
}
