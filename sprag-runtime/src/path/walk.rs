//! [`Walk`]: what every kind of path comes down to at run time.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use super::location::Location;
use super::shape::Shape;
#[cfg(feature = "serde")]
use super::text::Hops;
use super::text::{UNNAMED, write_part};

mod access;
mod chain;
mod deref;
mod element;
mod entry;

pub use access::Access;
pub(super) use access::Opaque;
pub use chain::Chain;
pub use deref::Deref;
pub use element::Element;
pub use entry::Entry;

/// A place's number in its root's tree, in preorder, and the size of its subtree.
///
/// `a` contains `b` when `b.id` lies in `a.id .. a.id + a.count`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    /// The preorder number; the root's is 0.
    pub id: u32,
    /// The number of nodes in the subtree, itself included.
    pub count: u32,
}

impl Node {
    /// The root of a tree of `count` nodes.
    pub const fn root(count: u32) -> Self {
        Self { id: 0, count }
    }

    /// Whether `other` is this node or lies below it.
    #[inline]
    pub const fn contains(self, other: Self) -> bool {
        self.id <= other.id && other.id < self.id + self.count
    }

    /// `inner`, a node of the tree below this one, as a node of this one's root.
    pub const fn then(self, inner: Self) -> Self {
        Self { id: self.id + inner.id, count: inner.count }
    }
}

/// A way to a place that can be walked: what every kind of path comes down to.
#[doc(hidden)]
pub trait Walk<R>: Clone + Send + Sync {
    type Value: 'static;
    /// The same way with its keys as values of its own.
    type Owned: Walk<R, Value = Self::Value, Owned = Self::Owned> + 'static;
    /// What it leaves behind where it writes, to be dropped after the lock.
    type Discarded: Default + Send + 'static;

    /// Whether a clone of the value is cheap.
    const CHEAP: bool;

    /// Whether the walk, and cloning and comparing the value, run no code of a
    /// user's.
    const PLAIN: bool;

    /// Whether it leads through a key, an index or a pointer.
    const KEYED: bool;

    fn get<'a>(&self, root: &'a R) -> Option<&'a Self::Value>;

    fn get_mut<'a>(
        &self,
        root: &'a mut R,
        discarded: &mut Self::Discarded,
    ) -> Option<&'a mut Self::Value>;

    /// The place's node; behind a key, the node of the outermost collection.
    fn node(&self) -> Node;

    /// Leads `location` on to the place. Runs the `Hash` of keys.
    fn locate(&self, location: &mut Location);

    /// Passes the key of each entry on the way, outermost first, and `()` for a pointer: as
    /// many as [`locate`](Self::locate) adds keys. Clones keys that are not owned.
    fn keys(&self, visit: &mut dyn FnMut(&dyn Any));

    /// Appends the place's text, with a dot in front unless it is the first.
    fn describe(&self, text: &mut PathText<'_>) -> fmt::Result;

    /// The value at a node below the place, counted from there.
    fn node_of(value: &Self::Value, id: u32) -> Option<&dyn Any>;

    fn owned(&self) -> Self::Owned;

    /// Appends the steps to the place.
    #[cfg(feature = "serde")]
    fn hops(&self, hops: &mut Hops);
}

/// The text of a path while it is being written: parts joined by dots.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct PathText<'a> {
    out: &'a mut dyn fmt::Write,
    first: bool,
    /// The shapes on the way, which know how their maps' keys are written.
    shapes: SmallVec<[&'static Shape; 4]>,
}

impl<'a> PathText<'a> {
    pub fn new(out: &'a mut dyn fmt::Write) -> Self {
        Self { out, first: true, shapes: SmallVec::new() }
    }

    /// Notes that the path leads through a value of this shape.
    pub(super) fn enter(&mut self, shape: &'static Shape) {
        if !shape.keys.is_empty() {
            self.shapes.push(shape);
        }
    }

    /// Appends a name, in quotes where it could be taken for more than one.
    pub fn name(&mut self, name: &str) -> fmt::Result {
        self.dot()?;
        write_part(self.out, name)
    }

    /// Appends a key: the string that serde writes for it.
    ///
    /// A key that serde is not known to write is shown by its `Debug` behind a `?`, which
    /// no text that is read begins with. Without the feature `serde` every key but a
    /// string is shown so, without the `?`.
    pub fn key<K: fmt::Debug + 'static>(&mut self, key: &K) -> fmt::Result {
        if let Some(text) = text_of(key) {
            return self.name(text);
        }
        match self.written(key) {
            Some(text) => self.name(&text),
            None => {
                self.dot()?;
                if cfg!(feature = "serde") {
                    self.out.write_char(UNNAMED)?;
                }
                write!(self.out, "{key:?}")
            }
        }
    }

    #[cfg(feature = "serde")]
    fn written(&self, key: &dyn Any) -> Option<String> {
        let tables: SmallVec<[_; 4]> = self.shapes.iter().map(|shape| shape.keys).collect();
        (super::text::known_key(key.type_id(), &tables)?.text?)(key)
    }

    #[cfg(not(feature = "serde"))]
    fn written(&self, _: &dyn Any) -> Option<String> {
        None
    }

    fn dot(&mut self) -> fmt::Result {
        if std::mem::take(&mut self.first) { Ok(()) } else { self.out.write_char('.') }
    }
}

/// The text of a key that is a string.
fn text_of(key: &dyn Any) -> Option<&str> {
    let string = key.downcast_ref::<String>().map(String::as_str);
    let boxed = || key.downcast_ref::<Box<str>>().map(|key| &**key);
    let shared = || key.downcast_ref::<Arc<str>>().map(|key| &**key);
    let fixed = || key.downcast_ref::<&'static str>().copied();
    string.or_else(boxed).or_else(shared).or_else(fixed)
}
