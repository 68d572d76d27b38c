//! One leaf is written and N subscribers of it are called.
//!
//! The floor holds callbacks in a lock of their own and calls them under it with a clone
//! of the value: no order between threads, no isolation, and a callback that writes hangs.

use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role, grouped};
use dioxus_signals::{ReadableExt, WritableExt};
use eyeball::SharedObservable;
use futures_signals::signal::Mutable;
use parking_lot::RwLock;
use reactive_graph::traits::{Get, Set};
use sprag::{create_model, create_store};
use tokio::sync::watch;

use super::leaf::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::dioxus::BoardStoreExt;
use crate::shapes::ours::{Board, BoardPatch};
use crate::shapes::reactive::BoardStoreFields;

type Callback<V> = Box<dyn Fn(&V) + Send + Sync>;

const BY_HAND: &str = "by hand, callbacks under a lock";

/// 1, 100 and 1,000 subscribers.
pub(crate) fn set(options: &Options, report: &mut Report) {
    for subscribers in [1, 100, 1_000] {
        one(subscribers, options, report);
    }
}

fn one(subscribers: usize, options: &Options, report: &mut Report) {
    let lock = RwLock::new(Board::default());
    let callbacks = RwLock::new(Vec::<Callback<u64>>::new());
    let model = create_model("board", Board::default());
    let owner = Reactive::new();
    let reactive = reactive_stores::Store::new(crate::shapes::reactive::Board::default()).value();
    let dioxus = Dioxus::new();
    let mut store =
        dioxus.enter(|| dioxus_stores::Store::new(crate::shapes::dioxus::Board::default()).value());
    let (tasks, observable) = (Tasks::new(), SharedObservable::new(Board::default()));
    let (sender, receiver) = watch::channel(Board::default());
    let (watching, signals, mutable) = (Tasks::new(), Tasks::new(), Mutable::new(0));
    let mut subscriptions = Vec::new();
    for _ in 0..subscribers {
        callbacks.write().push(Box::new(|value| {
            black_box(value);
        }));
        subscriptions.push(model.subscribe(Board::PATHS.value, |value, _| {
            black_box(value);
        }));
        owner.watch(move || reactive.get());
        dioxus.watch(move || store.cloned());
        tasks.watch_observable(&observable, |board| &board.value);
        watching.watch_channel(receiver.clone(), |board| &board.value);
        signals.watch_signal(mutable.signal());
    }
    reactive::drain();
    for drained in [&tasks, &watching, &signals] {
        drained.drain();
    }
    let n = &counter();
    Contest::new("set that fires N callbacks", format!("N = {}", grouped(subscribers as u64)))
        .add(Role::Floor, BY_HAND, || {
            let value = n();
            lock.write().value = value;
            callbacks.read().iter().for_each(|callback| callback(&value));
        })
        .add(Role::Sprag, SPRAG, || model.set(Board::PATHS.value, n()))
        .add(Role::Peer, REACTIVE, || {
            reactive.set(n());
            reactive::drain();
        })
        .add_batches(Role::Peer, DIOXUS, {
            let inside = dioxus.clone();
            dioxus.batch(move || {
                store.set(n());
                inside.drain();
            })
        })
        .add(Role::Peer, EYEBALL, || {
            observable.update(|board| board.value = n());
            tasks.drain();
        })
        .add(Role::Peer, WATCH, || {
            sender.send_modify(|board| board.value = n());
            watching.drain();
        })
        .add(Role::Peer, SIGNALS, || {
            mutable.set(n());
            signals.drain();
        })
        .run(options, report);
}

/// One subscriber, by what it selects: the callback gets a clone of a cheap value, else a
/// snapshot.
pub(crate) fn by_type(options: &Options, report: &mut Report) {
    let n = &counter();
    let scenario = "set that fires one callback, by what is selected";
    let model = || create_model("board", Board::default());
    let (scalar, tuple, text, mapped, closure) = (model(), model(), model(), model(), model());
    let store = create_store("board", Board::default());
    let value = Board::PATHS.value;
    let _subscriptions = [
        scalar.subscribe(value, |value, _| {
            black_box(value);
        }),
        tuple.subscribe((value, Board::PATHS.second), |values, _| {
            black_box(values);
        }),
        text.subscribe(Board::PATHS.text, |text, _| {
            black_box(text);
        }),
        mapped.subscribe(value.map(|value| value / 2), |half, _| {
            black_box(half);
        }),
        closure.subscribe(
            |board: &Board| board.value,
            |value, _| {
                black_box(value);
            },
        ),
        store.subscribe(|board, _| {
            black_box(board);
        }),
    ];
    let texts = ["short", "another"].map(str::to_owned);
    Contest::new(scenario, "one write")
        .add(Role::Sprag, "`u64`", || scalar.set(value, n()))
        .add(Role::Variant, "tuple of two", || tuple.set(value, n()))
        .add(Role::Variant, "`String`", || {
            text.set(Board::PATHS.text, texts[n() as usize % 2].clone())
        })
        .add(Role::Variant, "place with `.map(f)`", || mapped.set(value, n() * 2))
        .add(Role::Variant, "closure over the whole", || closure.set(value, n()))
        .add(Role::Variant, "`Store`", || store.set(BoardPatch::new().value(n())))
        .run(options, report);
}
