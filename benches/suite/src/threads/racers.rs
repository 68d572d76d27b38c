//! The contestants of the race: the same state, shared between threads, with one subscriber.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use arc_swap::ArcSwap;
use bench_harness::Role;
use eyeball::SharedObservable;
use futures::executor::block_on;
use futures_signals::signal::{Mutable, SignalExt};
use parking_lot::RwLock;
use reactive_graph::effect::Effect;
use reactive_graph::owner::Owner;
use reactive_graph::traits::{Get, GetUntracked, Update};
use sprag::create_model;
use tokio::sync::watch;

use crate::names::*;
use crate::race::{Done, Race, Racer};
use crate::shapes::ours::Board;
use crate::shapes::reactive::BoardStoreFields;

/// A shared state that threads read and add to.
pub(super) struct Contender {
    pub(super) role: Role,
    pub(super) name: &'static str,
    round: Box<dyn Fn(Race) -> Done>,
    /// The value in the end.
    value: Box<dyn Fn() -> u64>,
    follower: Arc<Follower>,
    total: RefCell<Done>,
}

/// The faults over all rounds.
#[derive(Debug)]
pub(super) struct Faults {
    pub(super) writes: u64,
    pub(super) lost: u64,
    pub(super) panics: u64,
    pub(super) out_of_order: u64,
}

/// A subscriber that checks that values only grow.
#[derive(Default)]
struct Follower {
    last: AtomicU64,
    out_of_order: AtomicU64,
}

impl Follower {
    fn see(&self, value: u64) {
        if self.last.swap(value, Ordering::Relaxed) > value {
            self.out_of_order.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Contender {
    fn new(
        role: Role,
        name: &'static str,
        follower: &Arc<Follower>,
        read: impl Fn() -> u64 + Clone + Sync + 'static,
        write: impl Fn() + Sync + 'static,
    ) -> Self {
        let value = Box::new(read.clone());
        let round = move |race: Race| {
            race.run(
                || {
                    black_box(read());
                },
                &write,
            )
        };
        let follower = Arc::clone(follower);
        Self { role, name, round: Box::new(round), value, follower, total: RefCell::default() }
    }

    pub(super) fn racer(&self) -> Racer<'_> {
        let round = |race| {
            let done = (self.round)(race);
            self.total.replace_with(|total| total.plus(done));
            done
        };
        (self.role, self.name, Box::new(round))
    }

    pub(super) fn faults(&self) -> Faults {
        let total = self.total.borrow();
        Faults {
            writes: total.writes,
            lost: total.writes.saturating_sub((self.value)()),
            panics: total.panics,
            out_of_order: self.follower.out_of_order.load(Ordering::Relaxed),
        }
    }
}

/// All of them.
pub(super) fn contenders() -> Vec<Contender> {
    vec![by_hand(), sprag(), reactive(), eyeball(), tokio_watch(), signals(), arc_swap()]
}

fn by_hand() -> Contender {
    let (lock, follower) = (Arc::new(RwLock::new(Board::default())), Arc::new(Follower::default()));
    let callback: Box<dyn Fn(u64) + Send + Sync> = {
        let follower = Arc::clone(&follower);
        Box::new(move |value| follower.see(value))
    };
    let read = Arc::clone(&lock);
    Contender::new(
        Role::Floor,
        LOCK,
        &follower,
        move || read.read().value,
        move || {
            let mut board = lock.write();
            board.value += 1;
            callback(board.value);
        },
    )
}

fn sprag() -> Contender {
    let (model, follower) =
        (create_model("board", Board::default()), Arc::new(Follower::default()));
    let value = Board::PATHS.value;
    let sees = Arc::clone(&follower);
    model.subscribe(value, move |value, _| sees.see(*value)).detach();
    let read = model.clone();
    Contender::new(
        Role::Sprag,
        SPRAG,
        &follower,
        move || read.get(value),
        move || {
            model.update_at(value, |value| *value += 1);
        },
    )
}

fn reactive() -> Contender {
    // The error means that an earlier case has set the executor.
    let _ = any_spawner::Executor::init_futures_executor();
    // The owner keeps the effect until the end of the program.
    Owner::new().set();
    let store = reactive_stores::ArcStore::new(crate::shapes::reactive::Board::default());
    let (follower, place) = (Arc::new(Follower::default()), store.clone());
    let sees = Arc::clone(&follower);
    Effect::new_sync(move |_: Option<()>| sees.see(place.clone().value().get()));
    let read = store.clone();
    let read = move || read.clone().value().get_untracked();
    Contender::new(Role::Peer, REACTIVE, &follower, read, move || {
        store.clone().value().update(|value| *value += 1);
    })
}

fn eyeball() -> Contender {
    let (observable, follower) =
        (SharedObservable::new(Board::default()), Arc::new(Follower::default()));
    let (mut subscriber, sees) = (observable.subscribe(), Arc::clone(&follower));
    thread::spawn(move || {
        block_on(async {
            while let Some(board) = subscriber.next_ref().await {
                sees.see(board.value);
            }
        });
    });
    let read = observable.clone();
    Contender::new(
        Role::Peer,
        EYEBALL,
        &follower,
        move || read.read().value,
        move || {
            observable.update(|board| board.value += 1);
        },
    )
}

fn tokio_watch() -> Contender {
    let (sender, mut receiver) = watch::channel(Board::default());
    let (read, follower) = (receiver.clone(), Arc::new(Follower::default()));
    let sees = Arc::clone(&follower);
    thread::spawn(move || {
        block_on(async {
            while receiver.changed().await.is_ok() {
                sees.see(receiver.borrow_and_update().value);
            }
        });
    });
    Contender::new(
        Role::Peer,
        WATCH,
        &follower,
        move || read.borrow().value,
        move || {
            sender.send_modify(|board| board.value += 1);
        },
    )
}

fn signals() -> Contender {
    let (mutable, follower) = (Mutable::new(0_u64), Arc::new(Follower::default()));
    let (signal, sees) = (mutable.signal(), Arc::clone(&follower));
    thread::spawn(move || {
        block_on(signal.for_each(move |value| {
            sees.see(value);
            async {}
        }));
    });
    let read = mutable.clone();
    Contender::new(
        Role::Peer,
        SIGNALS,
        &follower,
        move || read.get(),
        move || {
            *mutable.lock_mut() += 1;
        },
    )
}

/// Has no subscriptions; a write clones the whole, and again if another write came first.
fn arc_swap() -> Contender {
    let swap = Arc::new(ArcSwap::from_pointee(Board::default()));
    let read = Arc::clone(&swap);
    let follower = Arc::default();
    Contender::new(
        Role::Peer,
        ARC_SWAP,
        &follower,
        move || read.load().value,
        move || {
            swap.rcu(|board| Board { value: board.value + 1, ..Board::clone(board) });
        },
    )
}
