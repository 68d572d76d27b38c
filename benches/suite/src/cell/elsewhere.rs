//! One leaf is written while N subscriptions watch 100 other places.
//!
//! eyeball and `watch` wake every subscriber of the whole. The places of futures-signals are
//! separate values, so a write there wakes no subscriber; the crate has no whole. The floor
//! has no subscribers.

use bench_harness::{Contest, Options, Report, Role, grouped};
use dioxus_signals::{ReadableExt, WritableExt};
use eyeball::SharedObservable;
use futures_signals::signal::Mutable;
use parking_lot::RwLock;
use reactive_graph::traits::{Get, Set};
use sprag::{Subscription, create_model};
use tokio::sync::watch;

use super::leaf::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::{self, Reactive};
use crate::peers::tasks::Tasks;
use crate::shapes::dioxus::*;
use crate::shapes::for_grid;
use crate::shapes::ours::Board;
use crate::shapes::reactive::*;

const SCENARIO: &str = "set, N subscriptions elsewhere";

/// Measures all N.
pub(crate) fn set(options: &Options, report: &mut Report) {
    for subscriptions in [0, 1, 100, 1_000, 100_000, options.pick(1_000_000, 200_000)] {
        one(subscriptions, options, report);
    }
}

fn one(subscriptions: usize, options: &Options, report: &mut Report) {
    let lock = RwLock::new(Board::default());
    let model = create_model("board", Board::default());
    let _sprag = watch_sprag(&model, subscriptions);
    let owner = Reactive::new();
    let reactive = reactive_board(&owner, subscriptions).value();
    let dioxus = Dioxus::new();
    let board = dioxus_board(&dioxus, subscriptions);
    let mut store = dioxus.enter(|| board.value());
    let (tasks, observable) = (Tasks::new(), SharedObservable::new(Board::default()));
    let (sender, receiver) = watch::channel(Board::default());
    let (watching, signals) = (Tasks::new(), Tasks::new());
    let cells: Vec<_> = (0..100).map(|_| Mutable::new(0_u64)).collect();
    for (_, place) in (0..subscriptions).zip(places().iter().cycle()) {
        tasks.watch_observable(&observable, *place);
        watching.watch_channel(receiver.clone(), *place);
    }
    for (_, cell) in (0..subscriptions).zip(cells.iter().cycle()) {
        signals.watch_signal(cell.signal());
    }
    let (mutable, n) = (Mutable::new(0), &counter());
    for drained in [&tasks, &watching, &signals] {
        drained.drain();
    }
    Contest::new(SCENARIO, format!("N = {}", grouped(subscriptions as u64)))
        .add(Role::Floor, LOCK, || lock.write().value = n())
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

/// The 100 other places, for the peers that watch the whole.
pub(super) fn places() -> Vec<fn(&Board) -> &u64> {
    macro_rules! place {
        ($row:ident $field:ident) => {
            (|board: &Board| &board.grid.$row.$field) as fn(&Board) -> &u64
        };
    }
    for_grid!(place).collect()
}

/// Subscriptions of the 100 other places.
pub(super) fn watch_sprag(model: &sprag::Model<Board>, subscriptions: usize) -> Vec<Subscription> {
    macro_rules! place {
        ($row:ident $field:ident) => {
            Board::PATHS.grid.$row.$field
        };
    }
    let places: Vec<sprag::path::Path<Board, u64>> = for_grid!(place).collect();
    let watch = |(_, place): (usize, &sprag::path::Path<Board, u64>)| {
        model.subscribe(*place, |value, _| {
            std::hint::black_box(value);
        })
    };
    (0..subscriptions).zip(places.iter().cycle()).map(watch).collect()
}

/// A store with effects on its 100 other places.
pub(super) fn reactive_board(
    owner: &Reactive,
    subscriptions: usize,
) -> reactive_stores::Store<crate::shapes::reactive::Board> {
    let store = reactive_stores::Store::new(crate::shapes::reactive::Board::default());
    macro_rules! watch {
        ($row:ident $field:ident) => {{
            let place = store.grid().$row().$field();
            Box::new(move |owner: &Reactive| owner.watch(move || place.get()))
                as Box<dyn Fn(&Reactive)>
        }};
    }
    let watches: Vec<_> = for_grid!(watch).collect();
    for (_, watch) in (0..subscriptions).zip(watches.iter().cycle()) {
        watch(owner);
    }
    reactive::drain();
    store
}

/// A store with contexts on its 100 other places.
pub(super) fn dioxus_board(
    dioxus: &Dioxus,
    subscriptions: usize,
) -> dioxus_stores::Store<crate::shapes::dioxus::Board> {
    let store = dioxus.enter(|| dioxus_stores::Store::new(crate::shapes::dioxus::Board::default()));
    macro_rules! watch {
        ($row:ident $field:ident) => {{
            let place = dioxus.enter(|| store.grid().$row().$field());
            Box::new(move |dioxus: &Dioxus| dioxus.watch(move || place.cloned()))
                as Box<dyn Fn(&Dioxus)>
        }};
    }
    let watches: Vec<_> = for_grid!(watch).collect();
    for (_, watch) in (0..subscriptions).zip(watches.iter().cycle()) {
        watch(dioxus);
    }
    store
}
