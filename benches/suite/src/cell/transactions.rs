//! N writes as one commit, which notifies one subscriber once and which an error or a panic
//! undoes.
//!
//! The floor clones the state, changes the clone and swaps it in under the lock, so an error
//! changes nothing. eyeball and `watch` change the state in place: one notification and no
//! undo. reactive_stores and dioxus-stores cannot write several places at once.

use std::hint::black_box;

use bench_harness::{Contest, Options, Report, Role, grouped};
use eyeball::SharedObservable;
use parking_lot::RwLock;
use sprag::create_model;
use tokio::sync::watch;

use super::leaf::counter;
use crate::peers::tasks::Tasks;
use crate::shapes::ours::Board;

/// 1 to 1,000 writes.
pub(crate) fn write(options: &Options, report: &mut Report) {
    for writes in [1, 10, 100, 1_000] {
        one(writes, options, report);
    }
}

fn one(writes: u64, options: &Options, report: &mut Report) {
    let (value, second) = (Board::PATHS.value, Board::PATHS.second);
    let lock = RwLock::new(Board::default());
    let model = create_model("board", Board::default());
    let _sprag = model.subscribe(value, |value, _| {
        black_box(value);
    });
    let (observed, observable) = (Tasks::new(), SharedObservable::new(Board::default()));
    observed.watch_observable(&observable, |board| &board.value);
    let (watching, (sender, receiver)) = (Tasks::new(), watch::channel(Board::default()));
    watching.watch_channel(receiver, |board| &board.value);
    observed.drain();
    watching.drain();
    let n = &counter();
    // Writes in turn, so that the compiler does not leave out all but the last.
    let change = move |board: &mut Board| {
        for write in 0..writes {
            let board = black_box(&mut *board);
            if write % 2 == 0 { board.value = n() } else { board.second = n() }
        }
    };
    Contest::new("transaction of N writes", format!("N = {}", grouped(writes)))
        .add(Role::Floor, "by hand, a clone swapped in", || {
            let mut board = lock.write();
            let mut draft = board.clone();
            change(&mut draft);
            *board = draft;
        })
        .add(Role::Sprag, "sprag, `transaction`", || {
            model.transaction(|tx| {
                for write in 0..writes {
                    if write % 2 == 0 {
                        tx.set(value, n())
                    } else {
                        tx.set(second, n())
                    };
                }
                Ok::<(), ()>(())
            })
        })
        .add(Role::Variant, "sprag, `update`", || model.update(change))
        .add(Role::Peer, "eyeball, `update`", || {
            observable.update(change);
            observed.drain();
        })
        .add(Role::Peer, "tokio `watch`, `send_modify`", || {
            sender.send_modify(change);
            watching.drain();
        })
        .run(options, report);
}
