//! Bytes of a model, of a subscription and of a cache; bytes that remain after a million
//! dropped subscriptions; and the allocations of a write.
//!
//! A figure is the allocated bytes while all objects exist, divided by their number. The
//! handles are in a `Vec` that was allocated before. A peer's subscription includes
//! everything that a user needs to be called: the task or the effect as well.

mod wide;

use std::time::Duration;

use bench_harness::{Options, Report, Role, Spread, Unit, grouped};
use dioxus_signals::ReadableExt;
use eyeball::SharedObservable;
use futures_signals::signal::Mutable;
use reactive_graph::effect::ImmediateEffect;
use reactive_graph::traits::{Get, Set};
use sprag::prelude::*;
use tokio::sync::watch;

use self::wide::Wide;
use crate::cell::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::dioxus::BoardStoreExt;
use crate::shapes::ours::{Board, Depth1};
use crate::shapes::reactive::BoardStoreFields;

/// The allocator's counts so far.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Bytes that are allocated now.
    pub bytes: isize,
    /// How often something was allocated or grew.
    pub allocations: usize,
}

/// Queries the allocator.
type Ask = fn() -> Counts;

/// All scenarios.
pub(crate) fn run(counts: Ask, options: &Options, report: &mut Report) {
    models(counts, report);
    subscriptions(counts, options, report);
    one_on_a_wide_model(counts, report);
    come_and_go(counts, options, report);
    caches(counts, options, report);
    allocations(counts, report);
}

/// Bytes per object of `count`.
fn each<T>(counts: Ask, count: usize, make: impl FnMut(usize) -> T) -> Spread {
    let mut all = Vec::with_capacity(count);
    let before = counts().bytes;
    all.extend((0..count).map(make));
    Spread::exactly((counts().bytes - before) as f64 / count as f64)
}

fn models(counts: Ask, report: &mut Report) {
    let one = |role, name, spread| (role, name, spread);
    let figures = [
        one(
            Role::Floor,
            "by hand, `Arc<RwLock<T>>`",
            each(counts, 1_000, |_| {
                std::sync::Arc::new(parking_lot::RwLock::new(Depth1::default()))
            }),
        ),
        one(Role::Sprag, SPRAG, each(counts, 1_000, |_| create_model("m", Depth1::default()))),
        one(
            Role::Variant,
            "sprag, `Store`",
            each(counts, 1_000, |_| create_store("s", Depth1::default())),
        ),
        one(
            Role::Peer,
            REACTIVE,
            each(counts, 1_000, |_| {
                reactive_stores::ArcStore::new(crate::shapes::reactive::Depth1::default())
            }),
        ),
        one(Role::Peer, EYEBALL, each(counts, 1_000, |_| SharedObservable::new(Depth1::default()))),
        one(Role::Peer, WATCH, each(counts, 1_000, |_| watch::channel(Depth1::default()))),
    ];
    report.add("bytes of a model", "64 bytes of state, 15 nodes", Unit::Bytes, figures);
}

/// Many subscriptions of one place: a million for sprag, fewer for a peer whose
/// subscriptions take more memory.
fn subscriptions(counts: Ask, options: &Options, report: &mut Report) {
    let (many, some) = (options.pick(1_000_000, 100_000), options.pick(100_000, 10_000));
    let (model, store) = (create_model("m", Board::default()), create_store("s", Board::default()));
    let owner = Reactive::new();
    let reactive = reactive_stores::Store::new(crate::shapes::reactive::Board::default()).value();
    let dioxus = Dioxus::new();
    let board = || dioxus_stores::Store::new(crate::shapes::dioxus::Board::default()).value();
    let place = dioxus.enter(board);
    let (tasks, observable) = (Tasks::new(), SharedObservable::new(Board::default()));
    let (_sender, receiver) = watch::channel(Board::default());
    let mutable = Mutable::new(0);
    let drained = |count, watch: &dyn Fn(), drain: &dyn Fn()| {
        let before = counts().bytes;
        (0..count).for_each(|_| watch());
        drain();
        Spread::exactly((counts().bytes - before) as f64 / count as f64)
    };
    let drain = || tasks.drain();
    let figures = [
        (
            Role::Sprag,
            SPRAG,
            each(counts, many, |_| model.subscribe(Board::PATHS.value, |_, _| {})),
        ),
        (Role::Variant, "sprag, `Store`", each(counts, many, |_| store.subscribe(|_, _| {}))),
        (
            Role::Variant,
            "sprag, closure selector",
            each(counts, some, |_| model.subscribe(|board: &Board| board.value, |_, _| {})),
        ),
        (
            Role::Peer,
            REACTIVE,
            drained(some, &|| owner.watch(move || reactive.get()), &|| {
                reactive::drain();
            }),
        ),
        (Role::Peer, DIOXUS, drained(some, &|| dioxus.watch(move || place.cloned()), &|| {})),
        (
            Role::Peer,
            EYEBALL,
            drained(some, &|| tasks.watch_observable(&observable, |board| &board.value), &drain),
        ),
        (
            Role::Peer,
            WATCH,
            drained(some, &|| tasks.watch_channel(receiver.clone(), |board| &board.value), &drain),
        ),
        (Role::Peer, SIGNALS, drained(some, &|| tasks.watch_signal(mutable.signal()), &drain)),
    ];
    report.add("bytes of a subscription", "many on one place", Unit::Bytes, figures);
}

fn one_on_a_wide_model(counts: Ask, report: &mut Report) {
    let model = create_model("wide", Wide::default());
    let before = counts().bytes;
    let subscription = model.subscribe(Wide::PATHS.a.a.a.a, |_, _| {});
    let first = Spread::exactly((counts().bytes - before) as f64);
    let case = format!("the first on a model of {} nodes", grouped(wide::NODES as u64));
    report.add("bytes of a subscription", &case, Unit::Bytes, [(Role::Sprag, SPRAG, first)]);
    drop(subscription);
}

/// A million times, one at a time.
fn come_and_go(counts: Ask, options: &Options, report: &mut Report) {
    let times = options.pick(1_000_000, 100_000);
    let model = create_model("m", Board::default());
    let observable = SharedObservable::new(Board::default());
    let (_sender, receiver) = watch::channel(Board::default());
    let reactive = reactive_stores::ArcStore::new(crate::shapes::reactive::Board::default());
    let kept = |one: &dyn Fn(), settle: &dyn Fn()| {
        one();
        settle();
        let before = counts().bytes;
        (0..times).for_each(|_| one());
        settle();
        Spread::exactly((counts().bytes - before) as f64)
    };
    // Dropping this effect removes it; it has no owner.
    let effect = || {
        let place = reactive.clone();
        drop(ImmediateEffect::new_isomorphic(move || {
            place.clone().value().get();
        }));
    };
    // A peer may remove dropped effects only with the next write.
    let write = || reactive.clone().value().set(1);
    let nothing = &|| {};
    let figures = [
        (
            Role::Sprag,
            SPRAG,
            kept(&|| drop(model.subscribe(Board::PATHS.value, |_, _| {})), nothing),
        ),
        (Role::Peer, "reactive_stores, `ImmediateEffect`", kept(&effect, &write)),
        (Role::Peer, EYEBALL, kept(&|| drop(observable.subscribe()), nothing)),
        (Role::Peer, WATCH, kept(&|| drop(receiver.clone()), nothing)),
    ];
    let case = format!("{} times", grouped(times as u64));
    report.add("bytes kept after subscribe and drop", &case, Unit::Bytes, figures);
}

fn caches(counts: Ask, options: &Options, report: &mut Report) {
    let build = "each has a name of its own";
    let figures = [
        (
            Role::Sprag,
            SPRAG,
            each(counts, 1_000, |n| {
                let cache: Cache<u64> = create_cache(format!("cache {n}")).build().expect(build);
                cache.set(7);
                cache
            }),
        ),
        (
            Role::Peer,
            "moka",
            each(counts, 1_000, |_| {
                let cache = moka::sync::Cache::new(1);
                cache.insert((), 7_u64);
                cache
            }),
        ),
        (
            Role::Peer,
            "quick_cache",
            each(counts, 1_000, |_| {
                let cache = quick_cache::sync::Cache::new(1);
                cache.insert((), 7_u64);
                cache
            }),
        ),
        (
            Role::Peer,
            "cached, `ShardedTtlCache`",
            each(counts, 1_000, |_| {
                let cache = cached::ShardedTtlCache::new(Duration::from_secs(60));
                cache.set((), 7_u64);
                cache
            }),
        ),
    ];
    report.add("bytes of a cache", "one value", Unit::Bytes, figures);
    let keys = options.pick(1_000_000, 100_000);
    let entries = |fill: &dyn Fn()| {
        let before = counts().bytes;
        fill();
        Spread::exactly((counts().bytes - before) as f64 / keys as f64)
    };
    let keyed: KeyedCache<u64, u64> =
        create_keyed_cache("keyed").capacity(keys).build().expect(build);
    let quick = quick_cache::sync::Cache::<u64, u64>::new(keys);
    let moka = moka::sync::Cache::<u64, u64>::new(keys as u64);
    let figures = [
        (Role::Sprag, SPRAG, entries(&|| (0..keys as u64).for_each(|key| keyed.set(key, key)))),
        (
            Role::Peer,
            "quick_cache",
            entries(&|| {
                (0..keys as u64).for_each(|key| quick.insert(key, key));
            }),
        ),
        (
            Role::Peer,
            "moka",
            entries(&|| {
                (0..keys as u64).for_each(|key| moka.insert(key, key));
                moka.run_pending_tasks();
            }),
        ),
    ];
    report.add("bytes of an entry of a keyed cache", "`u64` to `u64`", Unit::Bytes, figures);
}

/// The allocations of one write, after the first few.
fn allocations(counts: Ask, report: &mut Report) {
    let n = &counter();
    let (quiet, fires) = (create_model("q", Board::default()), create_model("f", Board::default()));
    let _subscription = fires.subscribe(Board::PATHS.value, |_, _| {});
    let average = |write: &dyn Fn()| {
        (0..100).for_each(|_| write());
        let before = counts().allocations;
        (0..10_000).for_each(|_| write());
        Spread::exactly((counts().allocations - before) as f64 / 10_000.0)
    };
    let bus = Bus::new();
    #[derive(Event)]
    struct Moved;
    let _listener = bus.on(|_: &Moved| {});
    for (case, write) in [
        (
            "set, no subscription",
            &(|| drop_number(quiet.set(Board::PATHS.value, n()))) as &dyn Fn(),
        ),
        ("set that fires one callback", &|| drop_number(fires.set(Board::PATHS.value, n()))),
        ("emit to one listener", &|| bus.emit(Moved)),
    ] {
        let figure = (Role::Sprag, SPRAG, average(write));
        report.add("allocations of one operation", case, Unit::Count, [figure]);
    }
}

fn drop_number(old: u64) {
    std::hint::black_box(old);
}
