//! One leaf is written beside a list of N items in the same state.
//!
//! Only what clones the whole for a write grows: arc-swap's `rcu`, sprag's `update`, and
//! any write beside a held snapshot.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bench_harness::{Contest, Options, Report, Role, grouped};
use dioxus_signals::WritableExt;
use eyeball::SharedObservable;
use parking_lot::RwLock;
use reactive_graph::traits::Set;
use sprag::create_model;
use tokio::sync::watch;

use super::leaf::counter;
use crate::names::*;
use crate::peers::dioxus::Dioxus;
use crate::peers::reactive::Reactive;
use crate::shapes::dioxus::{Lists as DioxusLists, ListsStoreExt};
use crate::shapes::ours::Lists;
use crate::shapes::reactive::{Lists as ReactiveLists, ListsStoreFields};

/// 1 to a million items.
pub(crate) fn set(options: &Options, report: &mut Report) {
    for items in [1, 100, 10_000, options.pick(1_000_000, 100_000)] {
        one(items, options, report);
    }
}

fn one(count: u64, options: &Options, report: &mut Report) {
    let items = || (0..count).collect::<Vec<_>>();
    let lists = || Lists { items: items(), ..Lists::default() };
    let lock_arc = RwLock::new(Arc::new(lists()));
    let (model, updated) = (create_model("lists", lists()), create_model("updated", lists()));
    let _owner = Reactive::new();
    let reactive = ReactiveLists { items: items(), ..ReactiveLists::default() };
    let reactive = reactive_stores::Store::new(reactive).value();
    let dioxus = Dioxus::new();
    let mut store = dioxus.enter(|| {
        dioxus_stores::Store::new(DioxusLists { items: items(), ..Default::default() }).value()
    });
    let observable = SharedObservable::new(lists());
    let (sender, _receiver) = watch::channel(lists());
    let swap = ArcSwap::from_pointee(lists());
    let n = &counter();
    Contest::new("set of a leaf in a state of N items", format!("N = {}", grouped(count)))
        .add(Role::Floor, LOCK_ARC, || Arc::make_mut(&mut lock_arc.write()).value = n())
        .add(Role::Sprag, "sprag, `set`", || model.set(Lists::PATHS.value, n()))
        .add(Role::Variant, "sprag, `update`", || updated.update(|lists| lists.value = n()))
        .add(Role::Peer, REACTIVE, || reactive.set(n()))
        .add_batches(Role::Peer, DIOXUS, dioxus.batch(move || store.set(n())))
        .add(Role::Peer, EYEBALL, || observable.update(|lists| lists.value = n()))
        .add(Role::Peer, WATCH, || sender.send_modify(|lists| lists.value = n()))
        .add(Role::Peer, ARC_SWAP, || swap.rcu(|lists| Lists { value: n(), ..Lists::clone(lists) }))
        .run(options, report);
}
