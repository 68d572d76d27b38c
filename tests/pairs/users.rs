//! Users' types, whose every method can fail.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use sprag::prelude::*;

use crate::plan::{Site, reach};

thread_local! {
    static ALIVE: RefCell<Arc<()>> = RefCell::default();
}

/// Values that this thread makes from now on are counted by `alive`.
pub fn count_by(alive: &Arc<()>) {
    ALIVE.set(Arc::clone(alive));
}

fn counted() -> Arc<()> {
    ALIVE.with_borrow(Arc::clone)
}

/// The code of a site that cannot return an error.
fn run(site: Site) {
    let Ok(()) = reach(site) else { unreachable!("{site:?} has no error") };
}

/// A value.
#[derive(Model, Debug)]
#[model(leaf)]
pub struct V(pub u32, Arc<()>);

/// A key.
#[derive(Model, Debug)]
#[model(leaf)]
pub struct K(pub u32, Arc<()>);

pub fn v(n: u32) -> V {
    V(n, counted())
}

pub fn k(n: u32) -> K {
    K(n, counted())
}

impl Clone for V {
    fn clone(&self) -> Self {
        run(Site::Clone);
        Self(self.0, Arc::clone(&self.1))
    }
}

impl PartialEq for V {
    fn eq(&self, other: &Self) -> bool {
        run(Site::Eq);
        self.0 == other.0
    }
}

impl Eq for V {}

impl PartialOrd for V {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for V {
    fn cmp(&self, other: &Self) -> Ordering {
        run(Site::KeyOrd);
        self.0.cmp(&other.0)
    }
}

impl Default for V {
    fn default() -> Self {
        run(Site::Default);
        v(0)
    }
}

impl Drop for V {
    fn drop(&mut self) {
        run(Site::Drop);
    }
}

impl Serialize for V {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        reach(Site::Serialize).map_err(|_| ser::Error::custom("a fault"))?;
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for V {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        reach(Site::Deserialize).map_err(|_| de::Error::custom("a fault"))?;
        u32::deserialize(deserializer).map(v)
    }
}

impl Clone for K {
    fn clone(&self) -> Self {
        run(Site::KeyClone);
        Self(self.0, Arc::clone(&self.1))
    }
}

impl PartialEq for K {
    fn eq(&self, other: &Self) -> bool {
        run(Site::KeyEq);
        self.0 == other.0
    }
}

impl Eq for K {}

impl Hash for K {
    fn hash<H: Hasher>(&self, state: &mut H) {
        run(Site::KeyHash);
        self.0.hash(state);
    }
}

impl PartialOrd for K {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for K {
    fn cmp(&self, other: &Self) -> Ordering {
        run(Site::KeyOrd);
        self.0.cmp(&other.0)
    }
}

impl Drop for K {
    fn drop(&mut self) {
        run(Site::KeyDrop);
    }
}

impl Serialize for K {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        reach(Site::KeyText).map_err(|_| ser::Error::custom("a fault"))?;
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for K {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        reach(Site::KeyText).map_err(|_| de::Error::custom("a fault"))?;
        u32::deserialize(deserializer).map(k)
    }
}
