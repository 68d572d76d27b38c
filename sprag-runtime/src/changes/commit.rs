//! [`Commit`]: one commit, as its readers get it.

use std::fmt;
use std::sync::Arc;

use super::changeset::{Changeset, TakenBack};
use super::place::AtPlaces;
use super::render::render;
use crate::cell::origin::{Origin, Origins, only};
use crate::delta::{Act, Held, Known, Record, RecordedOp};
use crate::path::{PathText, Route, with_texts};

/// One commit of a [`Model`](crate::Model) or a [`Store`](crate::Store): its version and
/// what it wrote, with the values.
///
/// Cloning a commit is cheap. It holds the written values and never the state, so that a
/// commit that waits for its reader makes no write copy anything. After a write of the
/// whole state (`update`, `replace`, `reset`, a `Store`'s writes) the commit holds the
/// state until a reader, or the next write, has compared it with the one before.
///
/// A commit is serde data for writing: serialised, it has the bytes of its
/// [`changeset`](Self::changeset), in half the time where the commit only sets values.
///
/// They come from [`View::changes`](crate::View::changes).
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// # pollster::block_on(async {
/// # use futures_util::StreamExt;
/// let mut changes = tv.changes();
/// tv.set(Tv::PATHS.position, 7);
/// let commit = changes.next().await.expect("the model lives")?;
/// let paths: Vec<String> = commit.changes().map(|change| change.path()).collect();
/// assert_eq!((commit.version(), paths), (1, vec!["position".to_owned()]));
/// # Ok::<(), sprag::error::Lagged>(())
/// # }).unwrap();
/// ```
pub struct Commit<T: 'static, S = ()> {
    pub(super) from: u64,
    pub(super) version: u64,
    pub(super) origins: Origins,
    pub(super) record: Option<Arc<Record<T>>>,
    /// The places that the reader selected, with their values where elements may have moved.
    pub(super) places: Option<AtPlaces<T>>,
    pub(super) state: S,
}

impl<T: Send + Sync> Commit<T, Arc<T>> {
    /// The state that the commit made; of a stream that carries it
    /// ([`Changes::with_state`](crate::Changes::with_state)).
    pub fn state(&self) -> &Arc<T> {
        &self.state
    }
}

impl<T: Send + Sync, S> Commit<T, S> {
    /// The version that the commit made.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The origin of the write, if the writer gave one; `None` also where several writers
    /// gave one ([`origins`](Self::origins)).
    pub fn origin(&self) -> Option<&Origin> {
        only(&self.origins)
    }

    /// The origins of all writers whose writes are the commit, in order.
    ///
    /// More than one where the commit is a changeset that names several, as on a log, where
    /// the writes of several callers are one entry. A writer without an origin is not in it.
    pub fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// The places that changed, in the order in which they were written, with their new
    /// values.
    ///
    /// After a write of the whole state the first call compares the state with the one
    /// before: O(state), once for all readers. An element that was inserted is a place, and
    /// so is one that was removed, which has no value. A collection that was sorted is a
    /// place without a value.
    ///
    /// [`ChangedPlace::kind`] distinguishes an inserted element from a replaced one.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = tv.changes();
    /// tv.update(|tv| tv.position += 7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let change = commit.changes().next().expect("one place differs");
    /// assert_eq!((change.path(), change.value::<u64>()), ("position".to_owned(), Some(&7)));
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn changes(&self) -> impl ExactSizeIterator<Item = ChangedPlace> {
        let mut places = Vec::new();
        self.each_op(&mut |root, op| {
            op.places(&mut |hops, value| {
                let route = Route { hops: with_texts(root.shape, &hops), shape: op.route.shape };
                places.push(ChangedPlace { route, value, kind: ChangeKind::of(&op.act) });
            });
        });
        places.into_iter()
    }

    /// The commit as data that can leave the process: what changed, place by place.
    ///
    /// Costs what [`changes`](Self::changes) does. The values are serialised when the
    /// changeset is.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = tv.changes();
    /// tv.set(Tv::PATHS.position, 7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let json = serde_json::to_string(&commit.changeset()).unwrap();
    /// assert_eq!(json, r#"{"from":0,"to":1,"ops":[["=",["position"],7]]}"#);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn changeset(&self) -> Changeset {
        let mut ops = Vec::new();
        self.each_op(&mut |root, op| render(root.shape, op, &mut ops));
        let (by, found) = (self.origins.clone(), TakenBack::default());
        Changeset { from: self.from, to: self.version, by, ops, found }
    }

    /// The changeset that takes the commit back.
    ///
    /// Applied right after the commit, it makes the state what it was, but for what serde
    /// skips. Applied later, it touches the places of the commit only; where one of them was
    /// written since, or an element of a list is not where it was, `apply` is an error that
    /// changes nothing. That check needs the values that the commit left, which stay in the
    /// process: an inverse that was serialised is applied by
    /// [`apply_at`](crate::Model::apply_at).
    ///
    /// Costs what [`changes`](Self::changes) does.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = tv.changes();
    /// tv.set(Tv::PATHS.position, 7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// assert_eq!(tv.apply(&commit.inverse()).unwrap(), 2);
    /// assert_eq!(tv.get(Tv::PATHS.position), 0);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn inverse(&self) -> Changeset {
        let (mut ops, mut found) = (Vec::new(), TakenBack::default());
        if let Some(record) = &self.record {
            let root = record.root();
            let made = record.ops();
            for (number, op) in made.iter().enumerate().rev() {
                let before = ops.len();
                if let Some(inverse) = op.inverted(root) {
                    render(root.shape, &inverse, &mut ops);
                }
                // Of several insertions the first one finds what the op left.
                let each = (before..ops.len()).map(|op| (op == before).then_some(number));
                found.taken_back.extend(each);
            }
            found.ops = Some(made);
        }
        let (from, to) = (self.version, self.version + 1);
        Changeset { from, to, by: Origins::default(), ops, found }
    }

    /// Passes the ops of the commit that are at the reader's places.
    fn each_op(&self, visit: &mut dyn FnMut(Known, &RecordedOp)) {
        let Some(record) = &self.record else { return };
        let (root, ops) = (record.root(), record.ops());
        match &self.places {
            Some((places, present)) => {
                places.narrow(root, &ops, present, &mut |op| visit(root, op));
            }
            None => ops.iter().for_each(|op| visit(root, op)),
        }
    }
}

impl<T, S: Clone> Clone for Commit<T, S> {
    fn clone(&self) -> Self {
        Self {
            from: self.from,
            version: self.version,
            origins: self.origins.clone(),
            record: self.record.clone(),
            places: self.places.clone(),
            state: self.state.clone(),
        }
    }
}

impl<T, S> fmt::Debug for Commit<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A place that a [`Commit`] changed, with its new value.
pub struct ChangedPlace {
    route: Route,
    value: Option<Held>,
    kind: ChangeKind,
}

/// The kind of change at a [`ChangedPlace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The value was written.
    Written,
    /// An entry was added under a new key, or an element was inserted at its index; later
    /// elements moved up by one.
    Inserted,
    /// The entry, or the element, was taken out; later elements moved down by one. The
    /// indices of several elements that were taken out together are those from before.
    Removed,
    /// Elements of the list changed their order.
    Reordered,
}

impl ChangeKind {
    fn of(act: &Act) -> Self {
        match act {
            Act::Set { .. } => Self::Written,
            Act::Add { .. } | Act::Put { .. } => Self::Inserted,
            Act::Remove { .. } | Act::Take { .. } => Self::Removed,
            Act::Order { .. } => Self::Reordered,
        }
    }
}

impl ChangedPlace {
    /// The place's text; empty for the root.
    ///
    /// Allocates the text.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashMap;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String>, seen: HashMap<u64, String> }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = tv.changes();
    /// tv.insert(Tv::PATHS.seen, 7, "Alien".into());
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let change = commit.changes().next().expect("one place was written");
    /// assert_eq!(change.path(), "seen.7");
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn path(&self) -> String {
        let mut text = String::new();
        // Writing to a `String` does not fail.
        let _ = self.route.describe(&mut PathText::new(&mut text));
        text
    }

    /// The kind of the change.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { queue: Vec<String> }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// use sprag::state::ChangeKind;
    ///
    /// # let mut changes = tv.changes();
    /// tv.push(Tv::PATHS.queue, "alien.mp4".into());
    /// tv.set(Tv::PATHS.queue.at(0), "brazil.mp4".into()).unwrap();
    /// for expected in [ChangeKind::Inserted, ChangeKind::Written] {
    ///     let commit = changes.next().await.expect("the model lives")?;
    ///     let change = commit.changes().next().expect("one place was written");
    ///     assert_eq!((change.path(), change.kind()), ("queue.0".to_owned(), expected));
    /// }
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// The new value, if it is a `V`; `None` also where the value was removed, and for a
    /// collection whose elements changed their order.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = tv.changes();
    /// tv.set(Tv::PATHS.position, 7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let change = commit.changes().next().expect("one place was written");
    /// assert_eq!(change.value::<u64>(), Some(&7));
    /// assert_eq!(change.value::<String>(), None);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn value<V: 'static>(&self) -> Option<&V> {
        self.value.as_ref()?.get().downcast_ref()
    }

    /// The new value as JSON; `None` where the value was removed, where its type cannot be
    /// written, and for a collection whose elements changed their order.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let volume = create_model("volume", 3_u64);
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = volume.changes();
    /// volume.replace(7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let change = commit.changes().next().expect("the root was written");
    /// assert_eq!(change.json(), Some(7.into()));
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::to_value(self.value.as_ref()?).ok()
    }
}

impl fmt::Debug for ChangedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangedPlace({})", self.path())
    }
}
