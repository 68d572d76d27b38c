//! Emits one event to 0, 1 and 100 listeners, which are called or woken.
//!
//! tokio's `broadcast` is a queue: its receivers take the event out afterwards, in the
//! same thread. event-listener carries no value, and its listeners are created again for
//! each event, as its users do in a loop. The floor calls its callbacks under a read lock.

use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role};
use event_listener::Listener;
use parking_lot::RwLock;
use sprag::prelude::*;
use tokio::sync::broadcast;

/// The event.
#[derive(Clone, Debug, Event)]
struct Moved {
    to: u64,
}

type Callback = Box<dyn Fn(&Moved) + Send + Sync>;

/// Measures all numbers of listeners.
pub(crate) fn run(options: &Options, report: &mut Report) {
    for listeners in [0, 1, 100] {
        emit(listeners, options, report);
    }
}

fn emit(listeners: usize, options: &Options, report: &mut Report) {
    let callback = || {
        Box::new(|moved: &Moved| {
            black_box(moved.to);
        }) as Callback
    };
    let lock: RwLock<Vec<_>> = RwLock::new((0..listeners).map(|_| callback()).collect());
    let bus = Bus::new();
    let _sprag: Vec<_> = (0..listeners).map(|_| bus.on(callback())).collect();
    let (sender, receiver) = broadcast::channel(16);
    let mut receivers: Vec<_> = (0..listeners).map(|_| receiver.resubscribe()).collect();
    drop(receiver);
    let event = event_listener::Event::new();
    let to = black_box(7);
    Contest::new("emit to N listeners", format!("N = {listeners}"))
        .add(Role::Floor, "by hand, callbacks under a lock", || {
            let moved = Moved { to };
            lock.read().iter().for_each(|callback| callback(&moved));
        })
        .add(Role::Sprag, "sprag", || black_box(&bus).emit(Moved { to }))
        .add(Role::Peer, "tokio `broadcast`", || {
            let sent = sender.send(Moved { to });
            for receiver in &mut receivers {
                drop(black_box(receiver.try_recv()));
            }
            sent.is_ok()
        })
        .add(Role::Peer, "event-listener", || {
            let waiting: Vec<_> = (0..listeners).map(|_| event.listen()).collect();
            event.notify(listeners);
            waiting.into_iter().for_each(Listener::wait);
        })
        .run(options, report);
}
