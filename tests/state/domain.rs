//! The state that these tests work on, and what they record.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Tv {
    pub playback: Playback,
    pub casting: bool,
    pub current: Option<Track>,
    pub users: HashMap<u32, User>,
    pub labels: BTreeMap<String, String>,
    pub queue: Vec<Track>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Playback {
    pub url: Option<String>,
    pub position: u64,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Track {
    pub title: String,
    pub seconds: u32,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct User {
    pub name: String,
    pub addresses: Vec<Address>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Address {
    pub city: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
pub struct Connections {
    pub count: u64,
    pub active: Vec<String>,
}

pub fn tv() -> Model<Tv> {
    create_model("tv", Tv::default())
}

pub fn track(title: &str) -> Track {
    Track { title: title.into(), seconds: 60 }
}

pub fn user(name: &str, city: &str) -> User {
    User { name: name.into(), addresses: vec![Address { city: city.into() }] }
}

/// What callbacks were shown, in order.
#[derive(Clone, Debug)]
pub struct Log<V>(Arc<Mutex<Vec<V>>>);

impl<V> Default for Log<V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<V> Log<V> {
    pub fn push(&self, value: V) {
        self.0.lock().unwrap().push(value);
    }

    /// Takes what was recorded since the last time.
    pub fn take(&self) -> Vec<V> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The message of a panic in `f`.
pub fn panic_of(f: impl FnOnce()) -> String {
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("a panic has a text")).to_owned(),
    }
}
