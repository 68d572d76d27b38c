//! A snapshot of 10, 10,000 and a million items, and a write while one is held.
//!
//! eyeball, reactive_stores and dioxus-stores return clones of the whole; with `imbl`
//! collections, such a clone would cost as much as sprag's snapshot. A write beside a held
//! snapshot copies the shared data: all of a `Vec`, a few nodes of an `imbl::Vector`.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bench_harness::{Contest, Options, Report, Role, grouped};
use eyeball::SharedObservable;
use parking_lot::RwLock;
use reactive_graph::traits::GetUntracked;
use sprag::create_model;
use tokio::sync::watch;

use crate::cell::counter;
use crate::names::*;
use crate::peers::reactive::Reactive;
use crate::shapes::ours::Lists;
use crate::shapes::{SharedLists, reactive};

/// All sizes.
pub(crate) fn run(options: &Options, report: &mut Report) {
    for items in [10, 10_000, options.pick(1_000_000, 100_000)] {
        snapshot(items, options, report);
        write_while_held(items, options, report);
    }
}

fn lists(items: u64) -> Lists {
    Lists { items: (0..items).collect(), ..Lists::default() }
}

fn shared(items: u64) -> SharedLists {
    SharedLists { items: (0..items).collect(), ..SharedLists::default() }
}

fn snapshot(items: u64, options: &Options, report: &mut Report) {
    let lock_arc = RwLock::new(Arc::new(lists(items)));
    let model = create_model("lists", lists(items));
    let swap = ArcSwap::from_pointee(lists(items));
    let _owner = Reactive::new();
    let store = reactive_stores::Store::new(reactive::Lists {
        items: (0..items).collect(),
        ..Default::default()
    });
    let observable = SharedObservable::new(lists(items));
    let (_sender, receiver) = watch::channel(lists(items));
    Contest::new("snapshot", format!("{} items", grouped(items)))
        .add(Role::Floor, LOCK_ARC, || Arc::clone(&lock_arc.read()))
        .add(Role::Sprag, SPRAG, || model.snapshot())
        .add(Role::Peer, ARC_SWAP, || swap.load_full())
        .add(Role::Peer, "reactive_stores, a clone", || store.get_untracked())
        .add(Role::Peer, "eyeball, a clone", || observable.get())
        .add(Role::Peer, "tokio `watch`, a clone", || receiver.borrow().clone())
        .run(options, report);
}

fn write_while_held(items: u64, options: &Options, report: &mut Report) {
    let lock_arc = RwLock::new(Arc::new(lists(items)));
    let std = create_model("std", lists(items));
    let imbl = create_model("imbl", shared(items));
    let swap = ArcSwap::from_pointee(lists(items));
    let (n, last) = (&counter(), items as usize - 1);
    Contest::new(
        "snapshot, and write an entry while it is held",
        format!("{} items", grouped(items)),
    )
    .add(Role::Floor, LOCK_ARC, || {
        let held = Arc::clone(&lock_arc.read());
        Arc::make_mut(&mut lock_arc.write()).items[last] = n();
        held
    })
    .add(Role::Sprag, "sprag, std", || {
        let held = std.snapshot();
        let _old = std.set(Lists::PATHS.items.at(last), n());
        held
    })
    .add(Role::Variant, "sprag, imbl", || {
        let held = imbl.snapshot();
        let _old = imbl.set(SharedLists::PATHS.items.at(last), n());
        held
    })
    .add(Role::Peer, ARC_SWAP, || {
        let held = swap.load_full();
        swap.rcu(|lists| {
            let mut lists = Lists::clone(lists);
            lists.items[last] = n();
            lists
        });
        held
    })
    .run(options, report);
}
