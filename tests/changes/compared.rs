//! D2: what an `update` changed is found by few comparisons, by the first reader, and as
//! data it carries no more values than a set would.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json, to_value};
use sprag::prelude::*;
use sprag::state::{Changes, Commit};
use test_support::within;

const LIMIT: Duration = Duration::from_secs(60);

/// Runs at a comparison.
type Hook = Box<dyn FnOnce()>;

thread_local! {
    /// How often this thread has compared numbers.
    static COMPARISONS: Cell<u64> = const { Cell::new(0) };
    /// How often this thread has written labels.
    static WRITTEN: Cell<u64> = const { Cell::new(0) };
    /// Runs first at the next comparison of numbers on this thread.
    static AT_NEXT: RefCell<Option<Hook>> = const { RefCell::new(None) };
}

fn at_next_comparison(run: impl FnOnce() + 'static) {
    AT_NEXT.set(Some(Box::new(run)));
}

#[derive(Model, Clone, Debug, Default, Serialize, Deserialize)]
struct Counted(u32);

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        COMPARISONS.set(COMPARISONS.get() + 1);
        if let Some(run) = AT_NEXT.take() {
            run();
        }
        self.0 == other.0
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Board {
    name: String,
    list: Vec<Counted>,
    members: BTreeSet<u8>,
}

fn board(list: impl IntoIterator<Item = u32>) -> Model<Board> {
    let list = list.into_iter().map(Counted).collect();
    create_model("board", Board { list, ..Board::default() })
}

/// How often `f` compares numbers.
fn comparisons(f: impl FnOnce()) -> u64 {
    COMPARISONS.set(0);
    f();
    COMPARISONS.get()
}

fn next(changes: &mut Changes<Board>) -> Commit<Board> {
    changes.next().now_or_never().unwrap().unwrap().unwrap()
}

fn ops(commit: &Commit<Board>) -> Vec<Value> {
    let set = to_value(commit.changeset()).unwrap();
    set["ops"].as_array().unwrap().clone()
}

#[test]
fn d2_the_first_reader_compares_for_all_and_the_writer_never() {
    let writes: [fn(&Model<Board>); 3] = [
        |board| board.update(|board| board.list.insert(50, Counted(500))),
        |board| board.update_at(Board::PATHS.list, |list| list.insert(50, Counted(501))),
        |board| {
            drop(board.replace(Board { name: "new".into(), ..Board::clone(&board.snapshot()) }));
        },
    ];
    let board = board(0..100);
    let mut readers = [board.changes(), board.changes(), board.changes()];
    for write in writes {
        assert_eq!(comparisons(|| write(&board)), 0, "on the thread of the writer");
        let commits = readers.each_mut().map(next);
        let compared = commits.each_ref().map(|commit| {
            comparisons(|| {
                assert_eq!(ops(commit).len(), 1);
                assert_eq!(ops(commit).len(), commit.changes().count());
            })
        });
        assert!((100..1_000).contains(&compared[0]), "{compared:?}");
        assert_eq!(compared[1..], [0, 0]);
    }
}

/// A commit of an `update`, and of an `update_at`, as two readers of a board have it.
fn unread() -> [(Model<Board>, Commit<Board>, Commit<Board>); 2] {
    let writes: [fn(&Model<Board>); 2] = [
        |board| board.update(|board| board.list.push(Counted(1))),
        |board| board.update_at(Board::PATHS.list, |list| list.push(Counted(1))),
    ];
    writes.map(|write| {
        let board = board(0..2_000);
        let mut readers = [board.changes(), board.changes()];
        write(&board);
        let [first, second] = readers.each_mut().map(next);
        (board, first, second)
    })
}

#[test]
fn d2_of_two_readers_at_once_one_compares_for_both() {
    for (_board, first, second) in unread() {
        within(LIMIT, move || {
            let begun = Arc::new(Barrier::new(2));
            let other = thread::spawn({
                let begun = Arc::clone(&begun);
                move || {
                    begun.wait();
                    comparisons(|| assert_eq!(ops(&second).len(), 1))
                }
            });
            // The second reader begins while the first one compares.
            at_next_comparison(move || {
                begun.wait();
                (0..10_000).for_each(|_| thread::yield_now());
            });
            let compared = comparisons(|| assert_eq!(ops(&first).len(), 1));
            assert!(compared >= 2_000, "{compared}");
            assert_eq!(other.join().unwrap(), 0);
        });
    }
}

#[test]
fn d2_i5_a_reader_takes_over_a_comparison_that_panics() {
    for (_board, first, second) in unread() {
        within(LIMIT, move || {
            at_next_comparison(|| panic!("a comparison that fails"));
            let panicked = catch_unwind(AssertUnwindSafe(|| ops(&first)));
            assert!(panicked.is_err());
            assert_eq!((ops(&second).len(), ops(&first).len()), (1, 1));
        });
    }
}

#[test]
fn d2_i2_a_reader_inside_an_update_waits_for_no_other() {
    for (board, first, second) in unread() {
        within(LIMIT, move || {
            let (compares, begun) = mpsc::channel();
            let (read, is_read) = mpsc::channel();
            let other = thread::spawn(move || {
                // Users' code may wait for another thread, here for one that holds the lock.
                at_next_comparison(move || {
                    compares.send(()).unwrap();
                    is_read.recv().unwrap();
                });
                ops(&first).len()
            });
            begun.recv().unwrap();
            board.update(|_| assert_eq!(ops(&second).len(), 1));
            read.send(()).unwrap();
            assert_eq!(other.join().unwrap(), 1);
        });
    }
}

#[test]
fn d2_a_writer_waits_for_no_reader() {
    for (board, first, _second) in unread() {
        within(LIMIT, move || {
            let (compares, begun) = mpsc::channel();
            let (written, is_written) = mpsc::channel();
            let other = thread::spawn(move || {
                at_next_comparison(move || {
                    compares.send(()).unwrap();
                    is_written.recv().unwrap();
                });
                ops(&first).len()
            });
            begun.recv().unwrap();
            let compared = comparisons(|| board.update(|board| board.name = "new".into()));
            assert_eq!(compared, 0, "a reader compares already");
            written.send(()).unwrap();
            assert_eq!(other.join().unwrap(), 1);
        });
    }
}

#[test]
fn d2_the_comparisons_of_a_list_of_which_all_moved_are_bounded() {
    const LEN: u32 = 20_000;
    let moves: [fn(&mut Vec<Counted>); 2] = [
        |list| list.reverse(),
        // Each element goes far, and none stays beside its neighbour.
        |list| list.sort_by_key(|element| element.0.wrapping_mul(2_654_435_761)),
    ];
    for change in moves {
        let board = board(0..LEN);
        let mut changes = board.changes();
        board.update(|board| change(&mut board.list));
        let commit = next(&mut changes);
        let compared = comparisons(|| _ = commit.changes().count());
        // Without the deadline it would be the square of the length, or half of that.
        assert!(compared < u64::from(LEN) * u64::from(LEN) / 8, "{compared} comparisons");
    }
}

/// A key that counts how often this thread writes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
struct Label(u32);

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        WRITTEN.set(WRITTEN.get() + 1);
        serializer.collect_str(&format_args!("{:05}", self.0))
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shelf(BTreeMap<Label, u8>);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shelves(BTreeMap<Label, Shelf>);

/// The number of keys that are written to find what became of a shelf with 10,000 entries that
/// keeps some of them, and the number of ops.
fn written_keys(keeps: fn(u32) -> bool) -> (u64, usize) {
    let shelf = Shelf((0..10_000).map(|label| (Label(label), 7)).collect());
    let shelves = Shelves([(Label(0), shelf.clone()), (Label(1), shelf)].into());
    let shelves = create_model("shelves", shelves);
    let mut changes = shelves.changes();
    shelves.update(|Shelves(shelves)| {
        shelves.first_entry().unwrap().get_mut().0.retain(|label, _| keeps(label.0));
    });
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let written = || {
        WRITTEN.set(0);
        let ops = commit.changeset().ops.len();
        (WRITTEN.get(), ops)
    };
    // The second call writes the keys of the ops alone.
    let ((first, ops), (second, _)) = (written(), written());
    (first - second, ops)
}

#[test]
fn d2_the_sizes_of_removals_and_of_a_map_cost_what_the_smaller_costs() {
    // A removal has two keys and the size of more than two entries of a shelf.
    let (written, ops) = written_keys(|label| label < 10);
    assert!(written < 40, "{written} keys are written for 10 entries that are left");
    assert_eq!(ops, 1);
    // The map around the shelf counts nothing of it once more.
    let (written, ops) = written_keys(|label| label >= 10);
    assert!(written < 60, "{written} keys are written for 10 removals");
    assert_eq!(ops, 10);
}

/// How many values an op carries.
fn values(op: &Value) -> usize {
    match op[0].as_str() {
        Some("-") => 0,
        Some("=") => op[2].as_array().map_or(1, Vec::len),
        _ if op[1].as_array().unwrap().last().unwrap().is_array() => 1,
        _ => op.as_array().unwrap().len() - 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn d2_ops_carry_no_more_values_than_a_set_of_their_collection(
        (old, new) in (vec(0_u32..40, 0..60), vec(0_u32..40, 0..60)),
        (members, then) in (btree_set(0_u8..40, 0..30), btree_set(0_u8..40, 0..30)),
    ) {
        let board = board(old);
        board.set(Board::PATHS.members, members);
        let mut changes = board.changes();
        let list: Vec<_> = new.into_iter().map(Counted).collect();

        board.update(|board| (board.list, board.members) = (list.clone(), then.clone()));

        let ops = ops(&next(&mut changes));
        for (name, len) in [("list", list.len()), ("members", then.len())] {
            let ops: Vec<_> = ops.iter().filter(|op| op[1][0] == name).collect();
            let carried: usize = ops.iter().copied().map(values).sum();
            prop_assert!(carried <= len, "{ops:?}");
            let is_set = matches!(&*ops, [op] if op[1] == json!([name]));
            prop_assert!(is_set || ops.len() <= len.max(1), "{ops:?}");
        }
    }
}
