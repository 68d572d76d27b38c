//! dioxus-stores: a `VirtualDom` for each case, and reactive contexts that are run again
//! after a write until none is dirty.
//!
//! A dirty context puts its number into a list; dioxus' own effects go through a channel
//! and its scheduler, which costs more. The places are taken once, outside of the
//! measured loop.

use std::cell::RefCell;
use std::hint::black_box;
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bench_harness::ThreadClock;
use dioxus_core::{ReactiveContext, ScopeId, VNode, VirtualDom};
use parking_lot::Mutex;

/// A runtime with its subscriptions; dropping the runtime ends them.
#[derive(Clone)]
pub(crate) struct Dioxus {
    dom: Rc<VirtualDom>,
    effects: Rc<RefCell<Vec<Effect>>>,
    dirty: Arc<Mutex<Vec<usize>>>,
}

#[derive(Clone)]
struct Effect {
    context: ReactiveContext,
    read: Rc<dyn Fn()>,
}

impl Dioxus {
    /// A runtime.
    pub(crate) fn new() -> Self {
        let dom = Rc::new(VirtualDom::new(VNode::empty));
        Self { dom, effects: Rc::default(), dirty: Arc::default() }
    }

    /// Runs `f` where stores can be made, read and written.
    pub(crate) fn enter<U>(&self, f: impl FnOnce() -> U) -> U {
        self.dom.in_scope(ScopeId::ROOT, f)
    }

    /// Calls `read`, and again after each change of what it has read.
    pub(crate) fn watch<U>(&self, read: impl Fn() -> U + 'static) {
        let number = self.effects.borrow().len();
        let dirty = Arc::clone(&self.dirty);
        self.enter(|| {
            let mark = move || dirty.lock().push(number);
            let context =
                ReactiveContext::new_with_callback(mark, ScopeId::ROOT, Location::caller());
            let read = Rc::new(move || {
                black_box(read());
            });
            context.reset_and_run_in(&*read);
            self.effects.borrow_mut().push(Effect { context, read });
        });
    }

    /// Runs dirty contexts until none is left.
    pub(crate) fn drain(&self) {
        loop {
            let Some(number) = self.dirty.lock().pop() else { return };
            let effect = self.effects.borrow()[number].clone();
            effect.context.reset_and_run_in(&*effect.read);
        }
    }

    /// A batch of `operation`, timed inside the runtime.
    pub(crate) fn batch<U>(&self, mut operation: impl FnMut() -> U) -> impl FnMut(u64) -> Duration {
        let dom = Rc::clone(&self.dom);
        move |count| {
            dom.in_scope(ScopeId::ROOT, || {
                let start = ThreadClock::now();
                for _ in 0..count {
                    black_box(operation());
                }
                start.elapsed()
            })
        }
    }
}
