//! Writes the present value to a leaf that one subscriber watches: a commit that notifies
//! no subscriber. Peers that notify about every write do so here too.

use bench_harness::{Contest, Options, Report, Role};
use dioxus_signals::{ReadableExt, WritableExt};
use eyeball::SharedObservable;
use futures_signals::signal::Mutable;
use parking_lot::RwLock;
use reactive_graph::traits::Get;
use reactive_stores::Patch;
use sprag::create_model;
use tokio::sync::watch;

use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::dioxus::BoardStoreExt;
use crate::shapes::ours::Board;
use crate::shapes::reactive::BoardStoreFields;

/// Writes the same value again and again.
pub(crate) fn set(options: &Options, report: &mut Report) {
    let lock = RwLock::new(Board::default());
    let model = create_model("board", Board::default());
    let _sprag = model.subscribe(Board::PATHS.value, |_, _| {});
    let owner = Reactive::new();
    let reactive = reactive_stores::Store::new(crate::shapes::reactive::Board::default()).value();
    owner.watch(move || reactive.get());
    reactive::drain();
    let dioxus = Dioxus::new();
    let mut store =
        dioxus.enter(|| dioxus_stores::Store::new(crate::shapes::dioxus::Board::default()).value());
    dioxus.watch(move || store.cloned());
    let (tasks, observable) = (Tasks::new(), SharedObservable::new(Board::default()));
    tasks.watch_observable(&observable, |board| &board.value);
    let (sender, receiver) = watch::channel(Board::default());
    tasks.watch_channel(receiver, |board| &board.value);
    let mutable = Mutable::new(0);
    tasks.watch_signal(mutable.signal());
    tasks.drain();
    let value = std::hint::black_box(0);
    Contest::new("set of an equal value, one subscription", "one write")
        .add(Role::Floor, "by hand, compared in `RwLock<T>`", || {
            let mut board = lock.write();
            if board.value != value {
                board.value = value;
            }
        })
        .add(Role::Sprag, SPRAG, || model.set(Board::PATHS.value, value))
        .add(Role::Peer, "reactive_stores, `patch`", || {
            reactive.patch(value);
            reactive::drain();
        })
        .add_batches(Role::Peer, "dioxus-stores, tells all", {
            let inside = dioxus.clone();
            dioxus.batch(move || {
                store.set(value);
                inside.drain();
            })
        })
        .add(Role::Peer, "eyeball, `update_if`", || {
            observable.update_if(|board| std::mem::replace(&mut board.value, value) != value);
            tasks.drain();
        })
        .add(Role::Peer, "tokio `watch`, `send_if_modified`", || {
            sender.send_if_modified(|board| std::mem::replace(&mut board.value, value) != value);
            tasks.drain();
        })
        .add(Role::Peer, "futures-signals, `set_neq`", || {
            mutable.set_neq(value);
            tasks.drain();
        })
        .run(options, report);
}
