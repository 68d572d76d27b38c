//! [`Commit`]: one commit, as readers of changes receive it.

use std::fmt;
use std::sync::Arc;

use super::changeset::{Changeset, TakenBack};
use super::place::AtPlaces;
use super::reader::other_reader;
use super::render::render;
use crate::cell::origin::{Origin, Origins, only};
use crate::delta::{Act, Held, HeldRecord, Known, PlainSet, RecordedOp, SetRecord};
use crate::path::{Hop, PathText, Route, with_texts};

/// One commit of a [`Model`](crate::Model) or a [`Store`](crate::Store): its version and
/// its writes, with the values.
///
/// Cloning a commit is cheap. A commit holds the written values but not the state, so a
/// commit that waits for its reader does not make writes clone the state. After a write of
/// the whole state (`update`, `replace`, `reset`, a `Store`'s writes), the commit holds the
/// state until a reader, or the next write, has compared it with the state before.
///
/// A commit can be serialised with serde: the result is that of its
/// [`changeset`](Self::changeset), in half the time if the commit only sets values.
///
/// Returned by the stream of [`View::changes`](crate::View::changes).
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
    form: CommitForm<T, S>,
}

/// Two words without a state, since a commit moves often on its way.
enum CommitForm<T: 'static, S> {
    /// A set without an origin for the only reader, with the versions in its record.
    Set(Box<SetRecord>, S),
    Whole(Arc<WholeCommit<T, S>>),
}

/// A commit of any kind.
pub(super) struct WholeCommit<T: 'static, S> {
    pub(super) from: u64,
    pub(super) version: u64,
    pub(super) origins: Origins,
    pub(super) record: Option<HeldRecord>,
    /// The places that the reader selected, with their values if elements may have moved.
    pub(super) places: Option<AtPlaces<T>>,
    pub(super) state: S,
}

impl<T: Send + Sync> Commit<T, Arc<T>> {
    /// Returns the state that the commit made, for a stream [with
    /// states](crate::Changes::with_state).
    pub fn state(&self) -> &Arc<T> {
        match &self.form {
            CommitForm::Set(_, state) => state,
            CommitForm::Whole(whole) => &whole.state,
        }
    }
}

impl<T: Send + Sync, S> Commit<T, S> {
    /// The version that the commit made.
    pub fn version(&self) -> u64 {
        self.versions().1
    }

    /// Returns the origin of the write, if the writer has one; `None` if several writers
    /// have one (see [`origins`](Self::origins)).
    pub fn origin(&self) -> Option<&Origin> {
        only(self.origins())
    }

    /// Returns the origins of all writers of the commit, in order.
    ///
    /// A commit has several origins if its changeset names several, for example on a log,
    /// where the writes of several callers share an entry. Writers without an origin are
    /// left out.
    pub fn origins(&self) -> &[Origin] {
        match &self.form {
            CommitForm::Set(..) => &[],
            CommitForm::Whole(whole) => &whole.origins,
        }
    }

    /// Returns the places that changed, in the order in which they were written, with their
    /// new values.
    ///
    /// After a write of the whole state, the first call compares the state with the one
    /// before: O(state), once for all readers. An inserted element is a place, and so is a
    /// removed one, which has no value. A sorted collection is a place without a value.
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

    /// Returns the commit as data that can leave the process: the changes, place by place.
    ///
    /// Costs the same as [`changes`](Self::changes). The values are serialised together
    /// with the changeset.
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
        let (by, found) = (self.origins().into(), TakenBack::default());
        let (from, to) = self.versions();
        Changeset { from, to, by, ops, found }
    }

    /// Returns the changeset that reverts the commit.
    ///
    /// Applied directly after the commit, it restores the state, except for the parts that
    /// serde skips. Applied later, it affects only the places of the commit; if one of them
    /// was written since, or an element of a list has moved, `apply` returns an error and
    /// changes nothing. This check needs the values of the commit, which stay in the
    /// process, so apply an inverse that was serialised with
    /// [`apply_at`](crate::Model::apply_at).
    ///
    /// Costs the same as [`changes`](Self::changes).
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
        if let Some((root, made)) = self.recorded_ops() {
            for (number, op) in made.iter().enumerate().rev() {
                let before = ops.len();
                if let Some(inverse) = op.inverted(root) {
                    render(root.shape, &inverse, &mut ops);
                }
                // Of several insertions, the first one finds the result of the op.
                let each = (before..ops.len()).map(|op| (op == before).then_some(number));
                found.taken_back.extend(each);
            }
            found.ops = Some(made);
        }
        let (from, to) = (self.version(), self.version() + 1);
        Changeset { from, to, by: Origins::default(), ops, found }
    }

    /// Passes the ops of the commit that are at the reader's places.
    fn each_op(&self, visit: &mut dyn FnMut(Known, &RecordedOp)) {
        let Some((root, ops)) = self.recorded_ops() else { return };
        match self.places() {
            Some((places, present)) => {
                places.narrow(root, &ops, present, &mut |op| visit(root, op));
            }
            None => ops.iter().for_each(|op| visit(root, op)),
        }
    }
}

impl<T, S> Commit<T, S> {
    /// A set without an origin.
    #[inline]
    pub(super) fn of_set(from: u64, version: u64, mut record: Box<SetRecord>, state: S) -> Self {
        (record.from, record.version) = (from, version);
        Self { form: CommitForm::Set(record, state) }
    }

    pub(super) fn of_whole(whole: WholeCommit<T, S>) -> Self {
        Self { form: CommitForm::Whole(Arc::new(whole)) }
    }

    /// The users' values, without the state.
    pub(super) fn into_values(self) -> (Option<HeldRecord>, Option<AtPlaces<T>>) {
        match self.form {
            CommitForm::Set(record, _) => (Some(HeldRecord::Set(record)), None),
            CommitForm::Whole(whole) => (whole.record.clone(), whole.places.clone()),
        }
    }

    /// The versions before and after the commit.
    pub(super) fn versions(&self) -> (u64, u64) {
        match &self.form {
            CommitForm::Set(set, _) => (set.from, set.version),
            CommitForm::Whole(whole) => (whole.from, whole.version),
        }
    }

    /// The places that the reader selected.
    pub(super) fn places(&self) -> Option<&AtPlaces<T>> {
        match &self.form {
            CommitForm::Set(..) => None,
            CommitForm::Whole(whole) => whole.places.as_ref(),
        }
    }
}

impl<T: Send + Sync, S> Commit<T, S> {
    /// The set that is the whole commit, if the record knows that without making its op.
    pub(super) fn set(&self) -> Option<&PlainSet> {
        match &self.form {
            CommitForm::Set(set, _) => Some(set.set()),
            CommitForm::Whole(whole) => whole.record.as_ref()?.set(),
        }
    }

    /// The facts of the root and the ops. The first call may compare two whole states.
    pub(super) fn recorded_ops(&self) -> Option<(Known, Arc<[RecordedOp]>)> {
        match &self.form {
            CommitForm::Set(set, _) => Some((set.root(), set.ops())),
            CommitForm::Whole(whole) => {
                whole.record.as_ref().map(|record| (record.root(), record.ops(other_reader())))
            }
        }
    }
}

impl<T, S: Clone> Clone for Commit<T, S> {
    fn clone(&self) -> Self {
        let form = match &self.form {
            CommitForm::Set(set, state) => CommitForm::Set(set.clone(), state.clone()),
            CommitForm::Whole(whole) => CommitForm::Whole(Arc::clone(whole)),
        };
        Self { form }
    }
}

impl<T, S> fmt::Debug for Commit<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit").field("version", &self.versions().1).finish_non_exhaustive()
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
    /// An entry was added under a new key, or an element was inserted at its index; the
    /// later elements moved up by one.
    Inserted,
    /// The entry or element was removed; the later elements moved down by one. The indices
    /// of several elements that were removed together are the old ones.
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
    /// Returns the place's text; empty for the root.
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

    /// Returns the new value, if it is a `V`; `None` for a removed value, and for a
    /// collection whose elements were reordered.
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

    /// Returns the new value as JSON, or the added member of a set; `None` for a removed value, for a value whose type
    /// cannot be written, and for a collection whose elements were reordered.
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
        if let Some((members, member)) = self.route.hops.last().and_then(Hop::member) {
            return self.value.as_ref().and_then(|_| members.json(&**member));
        }
        serde_json::to_value(self.value.as_ref()?).ok()
    }
}

impl fmt::Debug for ChangedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangedPlace({})", self.path())
    }
}
