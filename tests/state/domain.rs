//! The state of these tests, and their log.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::prelude::*;

/// The deadline of a test that could hang.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Tv {
    pub(crate) playback: Playback,
    pub(crate) casting: bool,
    pub(crate) current: Option<Track>,
    pub(crate) users: BTreeMap<u32, User>,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) queue: Vec<Track>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Playback {
    pub(crate) url: Option<String>,
    pub(crate) position: u64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Track {
    pub(crate) title: String,
    pub(crate) seconds: u32,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) addresses: Vec<Address>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Address {
    pub(crate) city: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub(crate) struct Connections {
    pub(crate) count: u64,
    pub(crate) active: Vec<String>,
}

pub(crate) fn tv() -> Model<Tv> {
    create_model("tv", Tv::default())
}

pub(crate) fn track(title: &str) -> Track {
    Track { title: title.into(), seconds: 60 }
}

pub(crate) fn user(name: &str, city: &str) -> User {
    User { name: name.into(), addresses: vec![Address { city: city.into() }] }
}

/// The values that callbacks received, in order.
#[derive(Clone, Debug)]
pub(crate) struct Log<V>(Arc<Mutex<Vec<V>>>);

impl<V> Default for Log<V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<V> Log<V> {
    pub(crate) fn push(&self, value: V) {
        self.0.lock().unwrap().push(value);
    }

    /// Takes the values recorded since the last call.
    pub(crate) fn take(&self) -> Vec<V> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The message of a panic in `f`.
pub(crate) fn panic_of(f: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a panic has a text")).to_owned(),
    }
}

thread_local! {
    /// How many clones and comparisons of a [`Fragile`] this thread may still make.
    static ALLOWED: std::cell::Cell<usize> = const { std::cell::Cell::new(usize::MAX) };
}

/// A value whose clones and comparisons fail on demand.
#[derive(Model, Debug, Default)]
#[model(leaf)]
pub(crate) struct Fragile(pub(crate) u32);

impl Fragile {
    fn ask() {
        ALLOWED.set(ALLOWED.get().checked_sub(1).expect("no more are allowed"));
    }
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        Self::ask();
        Self(self.0)
    }
}

impl PartialEq for Fragile {
    fn eq(&self, other: &Self) -> bool {
        Self::ask();
        self.0 == other.0
    }
}

/// Tries `write`, allowing one more clone or comparison each time, until it succeeds. Calls
/// `look` after each failure. Returns the number of failures.
pub(crate) fn failing_at_each_step(write: impl Fn(), look: impl Fn()) -> usize {
    for allowed in 0.. {
        ALLOWED.set(allowed);
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(&write)).is_err();
        ALLOWED.set(usize::MAX);
        if !failed {
            return allowed;
        }
        look();
    }
    unreachable!("the writes of these tests end")
}
