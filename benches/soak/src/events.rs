//! A bus under emitters and listeners that stay: each listener observes each event of each
//! emitter once, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Scope;

use sprag::prelude::*;

use crate::findings::{Counter, Findings};

const EMITTERS: usize = 2;

#[derive(Event)]
struct Tick {
    emitter: usize,
    number: u64,
}

pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    let bus = Bus::new();
    let seen: Arc<[AtomicU64; EMITTERS]> = Arc::default();
    let last = Arc::clone(&seen);
    let guard = Arc::new(bus.on(move |tick: &Tick| {
        let before = last[tick.emitter].swap(tick.number, Ordering::SeqCst);
        findings.follows(before, tick.number);
    }));
    for emitter in 0..EMITTERS {
        let (bus, seen, guard) = (bus.clone(), Arc::clone(&seen), Arc::clone(&guard));
        scope.spawn(move || {
            for number in (1..).take_while(|_| !findings.is_over()) {
                bus.emit(Tick { emitter, number });
                let delivered = seen[emitter].load(Ordering::SeqCst);
                findings.expect(delivered == number, Counter::Lost);
                findings.add(Counter::Events, 1);
            }
            drop(guard);
        });
    }
}
