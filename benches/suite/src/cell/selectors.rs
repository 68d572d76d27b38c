//! Writes one leaf and calls a subscriber whose selector combines two leaves.

use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role};
use dioxus_signals::{ReadableExt, WritableExt};
use futures_signals::map_ref;
use futures_signals::signal::Mutable;
use reactive_graph::traits::{Get, Set};
use sprag::create_model;
use tokio::sync::watch;

use super::leaf::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::dioxus::BoardStoreExt;
use crate::shapes::ours::Board;
use crate::shapes::reactive::BoardStoreFields;

/// A tuple of two places, and a closure over the whole.
pub(crate) fn set(options: &Options, report: &mut Report) {
    let (value, second) = (Board::PATHS.value, Board::PATHS.second);
    let tuple = create_model("board", Board::default());
    let closure = create_model("board", Board::default());
    let _sprag = [
        tuple.subscribe((value, second), |both, _| {
            black_box(both);
        }),
        closure.subscribe(
            |board: &Board| board.value + board.second,
            |sum, _| {
                black_box(sum);
            },
        ),
    ];
    let owner = Reactive::new();
    let reactive = reactive_stores::Store::new(crate::shapes::reactive::Board::default());
    let (first, other) = (reactive.value(), reactive.second());
    owner.watch(move || (first.get(), other.get()));
    reactive::drain();
    let dioxus = Dioxus::new();
    let (mut one, two) = dioxus.enter(|| {
        let store = dioxus_stores::Store::new(crate::shapes::dioxus::Board::default());
        (store.value(), store.second())
    });
    dioxus.watch(move || (one.cloned(), two.cloned()));
    let (watching, (sender, receiver)) = (Tasks::new(), watch::channel(Board::default()));
    watching.spawn(sums(receiver));
    let (signals, left, right) = (Tasks::new(), Mutable::new(0_u64), Mutable::new(0_u64));
    signals.watch_signal(map_ref! {
        let left = left.signal(), let right = right.signal() => *left + *right
    });
    watching.drain();
    signals.drain();
    let n = &counter();
    Contest::new("set that fires a selector of two places", "one write")
        .add(Role::Sprag, "sprag, tuple", || tuple.set(value, n()))
        .add(Role::Variant, "sprag, closure over the whole", || closure.set(value, n()))
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
        .add(Role::Peer, WATCH, || {
            sender.send_modify(|board| board.value = n());
            watching.drain();
        })
        .add(Role::Peer, "futures-signals, `map_ref!`", || {
            left.set(n());
            signals.drain();
        })
        .run(options, report);
}

/// Uses each new sum.
async fn sums(mut receiver: watch::Receiver<Board>) {
    let mut last = 0;
    while receiver.changed().await.is_ok() {
        let sum = {
            let board = receiver.borrow_and_update();
            board.value + board.second
        };
        if sum != last {
            last = black_box(sum);
        }
    }
}
