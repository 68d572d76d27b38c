//! I8: nothing leaks. The test runs alone in its process, since it counts the
//! allocations of the whole process.

use peak_alloc::PeakAlloc;
use sprag::prelude::*;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

/// The bytes that the test runner's own thread may allocate during the test. A leak of
/// one byte per round would exceed them.
const SLACK: usize = 8_192;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    casting: bool,
    position: u64,
    users: std::collections::HashMap<u32, u32>,
    named: std::collections::HashMap<String, u32>,
}

/// Neither building a path through a string key nor following it allocates. The thread of the
/// test runner may allocate too, so one quiet thousand of a hundred is enough: a write or a
/// read that allocates disturbs each of them.
fn string_keys_cost_nothing(tv: &Model<Tv>, name: &str) {
    tv.insert(Tv::PATHS.named, name, 0);
    let _elsewhere = tv.subscribe(Tv::PATHS.casting, |_, _| {});
    let age = Tv::PATHS.named.key(name);
    tv.set(age, 1).unwrap();

    let is_quiet = (0..100).any(|_| {
        allocates_nothing(|| {
            for n in 0..1_000 {
                tv.set(age, n).unwrap();
                tv.update_at(Tv::PATHS.named.key("ann"), |age| *age += 1).unwrap();
                assert_eq!(tv.get(age), Some(n + 1));
                assert_eq!(tv.get(Tv::PATHS.named.key("bob")), None);
            }
        })
    });
    assert!(is_quiet, "each thousand of writes and reads allocates");
}

/// Whether nothing is allocated during `work`, not even for a moment.
fn allocates_nothing(work: impl FnOnce()) -> bool {
    let start = ALLOCATED.current_usage();
    ALLOCATED.reset_peak_usage();
    work();
    ALLOCATED.peak_usage() <= start
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Row(u64, u64, u64, u64, u64, u64, u64, u64, u64, u64);

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Page(Row, Row, Row, Row, Row, Row, Row, Row, Row, Row);

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Sheet(Page, Page, Page, Page, Page, Page, Page, Page, Page, Page);

/// 5,556 nodes.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Book(Sheet, Sheet, Sheet, Sheet, Sheet);

#[test]
fn i8_subscribing_and_dropping_returns_to_the_memory_of_the_start() {
    let tv = create_model("tv", Tv::default());
    let store = create_store("store", Tv::default());
    let bus = Bus::new();
    let one_of_each = |n: u32| {
        drop([
            tv.subscribe(Tv::PATHS.casting, |_, _| {}),
            tv.subscribe((Tv::PATHS.casting, Tv::PATHS.position), |_, _| {}),
            tv.subscribe(Tv::PATHS.position.map(|n| n / 2), |_, _| {}),
            tv.subscribe(|tv: &Tv| tv.casting, |_, _| {}),
            tv.subscribe_now(Tv::PATHS.users.key(n), |_, _| {}),
            tv.subscribe(Tv::PATHS.users.len(), |_, _| {}),
            tv.subscribe(Tv::PATHS.named.key("ann"), |_, _| {}),
            store.subscribe(|_, _| {}),
        ]);
        let _watching = (tv.watch(Tv::PATHS.position), store.changes());
        tv.set(Tv::PATHS.position, n.into());
        drop(bus.on_topic(&tv.changed(), |_| {}));
    };
    string_keys_cost_nothing(&tv, &String::from("ann"));
    one_of_each(0);
    let start = ALLOCATED.current_usage();

    for n in 0..20_000 {
        one_of_each(n);
    }
    assert!(ALLOCATED.current_usage() < start + SLACK, "one at a time");

    let subscriptions: Vec<_> =
        (0..1_000_000).map(|_| tv.subscribe(Tv::PATHS.position, |_, _| {})).collect();
    let each = (ALLOCATED.current_usage() - start) / subscriptions.len();
    assert!(each <= 100, "{each} bytes for a subscription and its guard");
    drop(subscriptions);
    assert!(ALLOCATED.current_usage() < start + SLACK, "a million at once");

    let subscriptions: Vec<_> = (0..100_000).map(|_| store.subscribe(|_, _| {})).collect();
    let each = (ALLOCATED.current_usage() - start) / subscriptions.len();
    assert!(each <= 100, "{each} bytes for a store's subscription and its guard");
    drop(subscriptions);
    assert!(ALLOCATED.current_usage() < start + SLACK, "a store's at once");

    let book = create_model("book", Book::default());
    // The state that it goes back to is kept, so that the first write makes another.
    book.set(Book::PATHS.3.7.2.5, 2);
    let before = ALLOCATED.current_usage();
    let subscription = book.subscribe(Book::PATHS.3.7.2.5, |_, _| {});
    book.set(Book::PATHS.3.7.2.5, 1);
    let one = ALLOCATED.current_usage() - before;
    assert!(one <= 3_000, "{one} bytes for the one subscription of a model of 5,556 nodes");
    drop((subscription, book));

    // One that stays must not keep what the others took.
    let _stays = tv.subscribe(Tv::PATHS.casting, |_, _| {});
    let subscriptions: Vec<_> =
        (0..20_000).map(|n| tv.subscribe(Tv::PATHS.users.key(n), |_, _| {})).collect();
    let each = (ALLOCATED.current_usage() - start) / subscriptions.len();
    assert!(each <= 700, "{each} bytes for a subscription to a key of its own");
    drop(subscriptions);
    tv.set(Tv::PATHS.casting, false);
    assert!(ALLOCATED.current_usage() < start + SLACK, "of keys at once");

    // The writes of one callback waited in the queue.
    let burst = tv.subscribe(Tv::PATHS.casting, |_, change| {
        for n in 0..100_000 {
            change.model().set(Tv::PATHS.position, n);
        }
    });
    let watching = tv.subscribe(Tv::PATHS.position, |_, _| {});
    tv.set(Tv::PATHS.casting, true);
    drop((burst, watching));
    assert!(ALLOCATED.current_usage() < start + SLACK, "after a burst");

    tv.set(Tv::PATHS.position, 1);
    drop((tv, store));
}
