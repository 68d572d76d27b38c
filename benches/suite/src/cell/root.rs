//! The whole state is replaced by one that differs in one leaf, while N of the 100 places
//! in it are watched: who changed is found by comparing.
//!
//! The floor has no subscribers. dioxus-stores, and reactive_stores' `set`, run all effects below.

use bench_harness::{Contest, Options, Report, Role};
use dioxus_signals::WritableExt;
use eyeball::SharedObservable;
use parking_lot::RwLock;
use reactive_graph::traits::Set;
use reactive_stores::Patch;
use sprag::create_model;
use tokio::sync::watch;

use super::elsewhere::{dioxus_board, places, reactive_board, watch_sprag};
use super::leaf::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::ours::Board;
use crate::shapes::{dioxus as dioxus_shapes, reactive as reactive_shapes};

/// 0, 1, 10 and 100 places.
pub(crate) fn replace(options: &Options, report: &mut Report) {
    for watched in [0, 1, 10, 100] {
        one(watched, options, report);
    }
}

fn one(watched: usize, options: &Options, report: &mut Report) {
    let lock = RwLock::new(Board::default());
    let model = create_model("board", Board::default());
    let _sprag = watch_sprag(&model, watched);
    let owner = Reactive::new();
    let (set, patched) = (reactive_board(&owner, watched), reactive_board(&owner, watched));
    let dioxus = Dioxus::new();
    let mut store = dioxus_board(&dioxus, watched);
    let (observed, observable) = (Tasks::new(), SharedObservable::new(Board::default()));
    let (watching, (sender, receiver)) = (Tasks::new(), watch::channel(Board::default()));
    for place in &places()[..watched] {
        observed.watch_observable(&observable, *place);
        watching.watch_channel(receiver.clone(), *place);
    }
    observed.drain();
    watching.drain();
    let n = &counter();
    let next = || Board { value: n(), ..Board::default() };
    let next_reactive =
        || reactive_shapes::Board { value: n(), ..reactive_shapes::Board::default() };
    Contest::new("replace the root, N places watched below", format!("N = {watched}"))
        .add(Role::Floor, LOCK, || std::mem::replace(&mut *lock.write(), next()))
        .add(Role::Sprag, SPRAG, || model.replace(next()))
        .add(Role::Peer, "reactive_stores, `set`", || {
            set.set(next_reactive());
            reactive::drain();
        })
        .add(Role::Peer, "reactive_stores, `patch`", || {
            patched.patch(next_reactive());
            reactive::drain();
        })
        .add_batches(Role::Peer, DIOXUS, {
            let inside = dioxus.clone();
            dioxus.batch(move || {
                store.set(dioxus_shapes::Board { value: n(), ..Default::default() });
                inside.drain();
            })
        })
        .add(Role::Peer, EYEBALL, || {
            observable.set(next());
            observed.drain();
        })
        .add(Role::Peer, WATCH, || {
            sender.send_replace(next());
            watching.drain();
        })
        .run(options, report);
}
