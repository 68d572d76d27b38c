//! The states and caches that a test has created, for the check at its end. The list does
//! not know their types.

use std::cell::RefCell;

use crate::sync::thread_local;

/// Describes an object for as long as the object lives.
type Describe = Box<dyn Fn() -> Option<String>>;

thread_local! {
    /// The list of the test that runs on this thread; `None` outside of tests.
    static CREATED: RefCell<Option<Vec<Describe>>> = const { RefCell::new(None) };
}

/// Begins to record what this thread creates.
pub(crate) fn begin() {
    CREATED.with(|created| created.replace(Some(Vec::new())));
}

/// Records an object, if a test runs on this thread. An object that is created while the
/// locals of the thread are destroyed is not recorded.
pub(crate) fn note(describe: impl Fn() -> Option<String> + 'static) {
    if is_begun() {
        add(Box::new(describe));
    }
}

fn is_begun() -> bool {
    CREATED.try_with(|created| created.borrow().is_some()).unwrap_or(false)
}

fn add(describe: Describe) {
    CREATED.with(|created| {
        if let Some(created) = &mut *created.borrow_mut() {
            created.push(describe);
        }
    });
}

/// The objects that were recorded and live.
pub(crate) fn alive() -> Vec<String> {
    // Users' code may run when a description drops the last reference to an object.
    let created = CREATED.take().unwrap_or_default();
    let alive = created.iter().filter_map(|describe| describe()).collect();
    CREATED.set(Some(created));
    alive
}
