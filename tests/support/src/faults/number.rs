//! [`Number`]: the content of users' values and keys, whose every method can fail.

use std::cell::RefCell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use super::{Method, Site, reach, run};

thread_local! {
    static ALIVE: RefCell<Arc<()>> = RefCell::default();
}

/// Numbers that this thread makes from now on are counted by `alive`.
pub fn count_by(alive: &Arc<()>) {
    ALIVE.set(Arc::clone(alive));
}

/// A number whose every method can fail, at the sites of keys or of values.
#[derive(Debug)]
pub struct Number<const IS_KEY: bool>(pub u32, Arc<()>);

impl<const IS_KEY: bool> Number<IS_KEY> {
    /// The number `n`, which runs no code of a site.
    pub fn new(n: u32) -> Self {
        Self(n, ALIVE.with_borrow(Arc::clone))
    }

    const fn site(method: Method) -> Site {
        if IS_KEY { Site::Key(method) } else { Site::Value(method) }
    }
}

impl<const IS_KEY: bool> Clone for Number<IS_KEY> {
    fn clone(&self) -> Self {
        run(Self::site(Method::Clone));
        Self(self.0, Arc::clone(&self.1))
    }
}

impl<const IS_KEY: bool> PartialEq for Number<IS_KEY> {
    fn eq(&self, other: &Self) -> bool {
        run(Self::site(Method::Eq));
        self.0 == other.0
    }
}

impl<const IS_KEY: bool> Eq for Number<IS_KEY> {}

impl<const IS_KEY: bool> Hash for Number<IS_KEY> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        run(Self::site(Method::Hash));
        self.0.hash(state);
    }
}

impl<const IS_KEY: bool> PartialOrd for Number<IS_KEY> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const IS_KEY: bool> Ord for Number<IS_KEY> {
    fn cmp(&self, other: &Self) -> Ordering {
        run(Self::site(Method::Ord));
        self.0.cmp(&other.0)
    }
}

impl<const IS_KEY: bool> Default for Number<IS_KEY> {
    fn default() -> Self {
        run(Self::site(Method::Default));
        Self::new(0)
    }
}

impl<const IS_KEY: bool> Drop for Number<IS_KEY> {
    fn drop(&mut self) {
        run(Self::site(Method::Drop));
    }
}

impl<const IS_KEY: bool> Serialize for Number<IS_KEY> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        reach(Self::site(Method::Serialize)).map_err(|_| ser::Error::custom("a fault"))?;
        self.0.serialize(serializer)
    }
}

impl<'de, const IS_KEY: bool> Deserialize<'de> for Number<IS_KEY> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        reach(Self::site(Method::Deserialize)).map_err(|_| de::Error::custom("a fault"))?;
        u32::deserialize(deserializer).map(Self::new)
    }
}
