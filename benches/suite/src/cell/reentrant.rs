//! A write whose callback writes another place.
//!
//! The floor makes two writes, one after the other: a callback that writes while its list is
//! locked would deadlock.

use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role};
use dioxus_signals::{ReadableExt, WritableExt};
use futures_signals::signal::Mutable;
use futures_signals::signal::SignalExt;
use parking_lot::RwLock;
use reactive_graph::traits::{Get, Set};
use sprag::create_model;

use super::leaf::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::dioxus::BoardStoreExt;
use crate::shapes::ours::Board;
use crate::shapes::reactive::BoardStoreFields;

/// `value` is written, and a subscriber writes `second`, which another one reads.
pub(crate) fn set(options: &Options, report: &mut Report) {
    let (value, second) = (Board::PATHS.value, Board::PATHS.second);
    let lock = RwLock::new(Board::default());
    let model = create_model("board", Board::default());
    let _sprag = [
        model.subscribe(value, move |value, change| {
            change.model().set(second, *value);
        }),
        model.subscribe(second, |second, _| {
            black_box(second);
        }),
    ];
    let owner = Reactive::new();
    let reactive = reactive_stores::Store::new(crate::shapes::reactive::Board::default());
    let (first, other) = (reactive.value(), reactive.second());
    owner.watch(move || other.set(first.get()));
    owner.watch(move || other.get());
    reactive::drain();
    let dioxus = Dioxus::new();
    let (mut one, two) = dioxus.enter(|| {
        let store = dioxus_stores::Store::new(crate::shapes::dioxus::Board::default());
        (store.value(), store.second())
    });
    dioxus.watch(move || {
        let value = one.cloned();
        let mut second = two;
        second.set(value);
    });
    dioxus.watch(move || two.cloned());
    let (signals, left, right) = (Tasks::new(), Mutable::new(0_u64), Mutable::new(0_u64));
    let writes = right.clone();
    signals.spawn(left.signal().for_each(move |value| {
        writes.set(value);
        async {}
    }));
    signals.watch_signal(right.signal());
    signals.drain();
    let n = &counter();
    Contest::new("set whose callback sets another place", "two writes, two callbacks")
        .add(Role::Floor, "by hand, two writes and no callback", || {
            let value = n();
            lock.write().value = value;
            lock.write().second = value;
        })
        .add(Role::Sprag, SPRAG, || model.set(value, n()))
        .add(Role::Peer, REACTIVE, || {
            first.set(n());
            reactive::drain();
        })
        .add_batches(Role::Peer, DIOXUS, {
            let inside = dioxus.clone();
            dioxus.batch(move || {
                one.set(n());
                inside.drain();
            })
        })
        .add(Role::Peer, SIGNALS, || {
            left.set(n());
            signals.drain();
        })
        .run(options, report);
}
