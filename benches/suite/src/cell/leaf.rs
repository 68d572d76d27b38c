//! One `u64`, read and written at depth 1 to 8 without subscribers.
//!
//! futures-signals has no paths: its leaf is a `Mutable` of its own at every depth.
//! arc-swap writes by cloning the whole, 64 bytes here.

use std::cell::Cell;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bench_harness::{Contest, Options, Report, Role};
use dioxus_signals::{ReadableExt, WritableExt};
use eyeball::SharedObservable;
use futures_signals::signal::Mutable;
use parking_lot::RwLock;
use reactive_graph::traits::{GetUntracked, Set};
use sprag::create_model;
use tokio::sync::watch;

use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::Reactive;
use crate::shapes::dioxus::*;
use crate::shapes::ours;
use crate::shapes::reactive::*;

/// Measures one depth: the fields that lead to the `value`.
macro_rules! get_at {
    ($options:ident, $report:ident, $depth:literal $(, $next:ident)*) => {{
        let lock = RwLock::new(ours::Depth1::default());
        let lock_arc = RwLock::new(Arc::new(ours::Depth1::default()));
        let model = create_model("chain", ours::Depth1::default());
        let _owner = Reactive::new();
        let reactive = reactive_stores::Store::new(crate::shapes::reactive::Depth1::default());
        let reactive = reactive$(.$next())*.value();
        let dioxus = Dioxus::new();
        let store = dioxus.enter(|| {
            dioxus_stores::Store::new(crate::shapes::dioxus::Depth1::default())$(.$next())*.value()
        });
        let observable = SharedObservable::new(ours::Depth1::default());
        let (sender, receiver) = watch::channel(ours::Depth1::default());
        let mutable = Mutable::new(0_u64);
        let swap = ArcSwap::from_pointee(ours::Depth1::default());
        Contest::new("get", format!("depth {}", $depth))
            .add(Role::Floor, LOCK, || lock.read()$(.$next)*.value)
            .add(Role::Hand, LOCK_ARC, || lock_arc.read()$(.$next)*.value)
            .add(Role::Sprag, SPRAG, || model.get(ours::Depth1::PATHS$(.$next)*.value))
            .add(Role::Peer, REACTIVE, || reactive.get_untracked())
            .add_batches(Role::Peer, DIOXUS, dioxus.batch(|| *store.peek()))
            .add(Role::Peer, EYEBALL, || observable.read()$(.$next)*.value)
            .add(Role::Peer, WATCH, || receiver.borrow()$(.$next)*.value)
            .add(Role::Peer, SIGNALS, || mutable.get())
            .add(Role::Peer, ARC_SWAP, || swap.load()$(.$next)*.value)
            .run($options, $report);
        drop(sender);
    }};
}

/// Measures one depth: the fields that lead to the `value`.
macro_rules! set_at {
    ($options:ident, $report:ident, $depth:literal $(, $next:ident)*) => {{
        let lock = RwLock::new(ours::Depth1::default());
        let lock_arc = RwLock::new(Arc::new(ours::Depth1::default()));
        let model = create_model("chain", ours::Depth1::default());
        let _owner = Reactive::new();
        let reactive = reactive_stores::Store::new(crate::shapes::reactive::Depth1::default());
        let reactive = reactive$(.$next())*.value();
        let dioxus = Dioxus::new();
        let mut store = dioxus.enter(|| {
            dioxus_stores::Store::new(crate::shapes::dioxus::Depth1::default())$(.$next())*.value()
        });
        let observable = SharedObservable::new(ours::Depth1::default());
        let (sender, _receiver) = watch::channel(ours::Depth1::default());
        let mutable = Mutable::new(0_u64);
        let swap = ArcSwap::from_pointee(ours::Depth1::default());
        let n = &counter();
        Contest::new("set, no subscription", format!("depth {}", $depth))
            .add(Role::Floor, LOCK, || std::mem::replace(&mut lock.write()$(.$next)*.value, n()))
            .add(Role::Hand, LOCK_ARC, || {
                std::mem::replace(&mut Arc::make_mut(&mut lock_arc.write())$(.$next)*.value, n())
            })
            .add(Role::Sprag, SPRAG, || model.set(ours::Depth1::PATHS$(.$next)*.value, n()))
            .add(Role::Peer, REACTIVE, || reactive.set(n()))
            .add_batches(Role::Peer, DIOXUS, dioxus.batch(|| store.set(n())))
            .add(Role::Peer, EYEBALL, || observable.update(|chain| chain$(.$next)*.value = n()))
            .add(Role::Peer, WATCH, || sender.send_modify(|chain| chain$(.$next)*.value = n()))
            .add(Role::Peer, SIGNALS, || mutable.set(n()))
            .add(Role::Peer, ARC_SWAP, || {
                swap.rcu(|chain| {
                    let mut chain = ours::Depth1::clone(chain);
                    chain$(.$next)*.value = n();
                    chain
                })
            })
            .run($options, $report);
    }};
}

/// Reads a leaf.
pub(crate) fn get(options: &Options, report: &mut Report) {
    get_at!(options, report, 1);
    get_at!(options, report, 2, next);
    get_at!(options, report, 4, next, next, next);
    get_at!(options, report, 8, next, next, next, next, next, next, next);
}

/// Writes a leaf, each time another value.
pub(crate) fn set(options: &Options, report: &mut Report) {
    set_at!(options, report, 1);
    set_at!(options, report, 2, next);
    set_at!(options, report, 4, next, next, next);
    set_at!(options, report, 8, next, next, next, next, next, next, next);
}

/// Counts up, so that no write is of an equal value.
pub(crate) fn counter() -> impl Fn() -> u64 {
    let n = Cell::new(0);
    move || {
        n.set(n.get() + 1);
        n.get()
    }
}
