//! [`Commit`]: what changed, as data.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::change::Delivered;
use super::origin::Origin;
use super::{CallTime, Cell, CommitInfo, Edit, Select, subscriber};
use crate::stream::{EventStream, channel};

/// One commit of a [`Model`](crate::Model) or a [`Store`](crate::Store): its
/// version, the state that it made and the places that were written.
///
/// Cloning it is cheap. While it lives the state counts as a held snapshot.
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
    version: u64,
    origin: Option<Origin>,
    state: Arc<T>,
    edits: Arc<[Edit<T>]>,
}

impl<T> Commit<T> {
    /// The version that it made.
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
    /// assert_eq!(commit.version(), 1);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The origin that the writer gave with `by`.
    ///
    /// ```
    /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
    /// # use sprag::prelude::*;
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # use sprag::state::Origin;
    /// # let mut changes = tv.changes();
    /// tv.by(Origin::new("tab", 3)).set(Tv::PATHS.position, 7);
    /// let commit = changes.next().await.expect("the model lives")?;
    /// assert_eq!(commit.origin(), Some(&Origin::new("tab", 3)));
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// The state that it made.
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
    /// tv.set(Tv::PATHS.position, 8);
    /// assert_eq!(commit.state().position, 7); // as it was then
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn state(&self) -> &Arc<T> {
        &self.state
    }

    /// The written places, in the order in which they were written. A write of the
    /// whole state (`update`, `replace`, `reset`, a `Store`'s `set`) is one at the
    /// root; a patch is one at the struct that it is merged into.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// # let mut changes = tv.changes();
    /// tv.transaction(|tx| {
    ///     tx.set(Tv::PATHS.position, 7);
    ///     tx.patch(TvPatch::new().url(None));
    ///     Ok::<(), &str>(())
    /// }).unwrap();
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let paths: Vec<String> = commit.changes().map(|change| change.path()).collect();
    /// assert_eq!(paths, ["position", ""]);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn changes(&self) -> impl ExactSizeIterator<Item = ChangedPlace<'_, T>> {
        self.edits.iter().map(|edit| ChangedPlace { edit, state: &self.state })
    }
}

impl<T> Clone for Commit<T> {
    fn clone(&self) -> Self {
        Self {
            version: self.version,
            origin: self.origin.clone(),
            state: Arc::clone(&self.state),
            edits: Arc::clone(&self.edits),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Commit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths: Vec<_> = self.changes().map(|change| change.path()).collect();
        f.debug_struct("Commit")
            .field("version", &self.version)
            .field("state", &self.state)
            .field("changes", &paths)
            .finish()
    }
}

/// A place that a [`Commit`] wrote, with its new value.
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
/// for change in commit.changes() {
///     println!("{} is now {:?}", change.path(), change.value::<u64>());
/// }
/// # Ok::<(), sprag::error::Lagged>(())
/// # }).unwrap();
/// ```
pub struct ChangedPlace<'a, T: 'static> {
    edit: &'a Edit<T>,
    state: &'a T,
}

impl<'a, T: 'static> ChangedPlace<'a, T> {
    /// The place's text: names and keys joined by dots; empty for the root.
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
        self.edit.path()
    }

    /// The new value, if it is a `V`; `None` also where it was taken out.
    ///
    /// Found in the state of the commit, and borrowed from it.
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
    pub fn value<V: 'static>(&self) -> Option<&'a V> {
        match &self.edit.place {
            Some(place) => place.value(self.state)?.downcast_ref(),
            None => (self.state as &dyn Any).downcast_ref(),
        }
    }

    /// The new value as JSON; `None` where it was taken out, or where it does not show
    /// in what serde writes of the state.
    ///
    /// Serialises what is there and nothing else.
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
    #[cfg(feature = "serde")]
    pub fn json(&self) -> Option<serde_json::Value>
    where
        T: serde::Serialize,
    {
        let mut hops = crate::path::Hops::new();
        if let Some(place) = &self.edit.place {
            place.hops(&mut hops);
        }
        crate::values::written(self.state, hops.hops)
    }
}

impl<T> fmt::Debug for ChangedPlace<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangedPlace({})", self.path())
    }
}

/// Selects every commit, with its places.
pub(crate) struct Commits;

impl<T: Send + Sync + 'static> Select<T> for Commits {
    type Captured = Commit<T>;
    type Resolved = Commit<T>;
    type Item<'a> = &'a Commit<T>;
    type Owned = Commit<T>;

    const PLAIN: bool = true;
    const EDITS: bool = true;

    fn capture(&self, state: &Arc<T>, commit: &CommitInfo<'_, T>) -> Commit<T> {
        let CommitInfo { version, origin, edits } = *commit;
        let (state, origin) = (Arc::clone(state), origin.cloned());
        Commit { version, origin, state, edits: edits.into() }
    }

    fn resolve(&self, commit: Commit<T>) -> Option<Commit<T>> {
        Some(commit)
    }

    fn item<'a>(&'a self, resolved: &'a Commit<T>) -> &'a Commit<T> {
        resolved
    }

    fn to_owned(item: &Commit<T>) -> Commit<T> {
        item.clone()
    }
}

/// How many commits wait for a reader at most.
const BOUND: usize = 1_024;

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// Every commit from now on, for an async reader.
    pub(crate) fn changes(self: &Arc<Self>) -> EventStream<Commit<T>> {
        let (sender, receiver) = channel(BOUND);
        let send = move |commit: &Commit<T>, _: &Delivered<'_, T>| sender.send(commit.clone());
        EventStream::new(receiver, self.subscribe(Commits, subscriber(send), CallTime::AfterCommit))
    }
}
