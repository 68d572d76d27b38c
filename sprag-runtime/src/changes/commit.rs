//! [`Commit`]: one commit, as its readers get it.

use std::fmt;
use std::sync::Arc;

use super::changeset::Changeset;
use super::render::render;
use crate::cell::origin::Origin;
use crate::delta::{Held, Record};
use crate::path::{PathText, Route, with_texts};

/// One commit of a [`Model`](crate::Model) or a [`Store`](crate::Store): its version and
/// what it wrote, with the values.
///
/// Cloning it is cheap. It holds the values that were written and never the state, so that
/// a commit that waits for its reader makes no write copy anything. After a write of the
/// whole state (`update`, `replace`, `reset`, a `Store`'s writes) the commit holds the
/// state until a reader, or the next write, has compared it with the one before.
///
/// They come from [`Model::changes`](crate::Model::changes).
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
pub struct Commit<T: 'static> {
    pub(super) version: u64,
    pub(super) origin: Option<Origin>,
    pub(super) record: Option<Arc<Record<T>>>,
}

impl<T: Send + Sync> Commit<T> {
    /// The version that the commit made.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Who made the write, if the writer said so.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// The places that changed, in the order in which they were written, with their new
    /// values.
    ///
    /// After a write of the whole state the first call compares the state with the one
    /// before: O(state), once for all readers. An element that was inserted is a place, and
    /// so is one that was removed, which has no value. A collection that was sorted is a
    /// place without a value.
    ///
    /// An inserted element therefore reads as one that was replaced at its index. Follow a
    /// list by [`changeset`](Self::changeset), which tells the kinds of writes apart.
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
        if let Some(record) = &self.record {
            let root = record.root().shape;
            record.ops().iter().for_each(|op| {
                op.places(&mut |hops, value| {
                    let route = Route { hops: with_texts(root, &hops), shape: op.route.shape };
                    places.push(ChangedPlace { route, value });
                });
            });
        }
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
        if let Some(record) = &self.record {
            let root = record.root().shape;
            record.ops().iter().for_each(|op| render(root, op, &mut ops));
        }
        let by = self.origin.as_ref().map(|origin| (origin.tag().to_owned(), origin.number()));
        Changeset { from: self.version - 1, to: self.version, by, ops }
    }
}

impl<T> Clone for Commit<T> {
    fn clone(&self) -> Self {
        Self { version: self.version, origin: self.origin.clone(), record: self.record.clone() }
    }
}

impl<T> fmt::Debug for Commit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A place that a [`Commit`] changed, with its new value.
pub struct ChangedPlace {
    route: Route,
    value: Option<Held>,
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
