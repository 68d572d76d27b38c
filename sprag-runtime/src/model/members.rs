//! The write that only sets have: `add`, of a model and of a transaction.

use super::{Model, Transaction, Written};
use crate::cell::AddMember;
use crate::path::{Collection, IntoKey, Place, Set, State};

impl<T: State + Clone + Send + Sync> Model<T> {
    /// Adds `member` to the set at `place`; returns whether the set did not have it.
    ///
    /// Costs the set's own `insert`. Where the set has the member, nothing is committed. Not
    /// called `insert`, which takes a key and a value. A member is taken out by
    /// [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashSet;
    /// #[derive(Model, Clone, Default, PartialEq)]
    /// struct Song {
    ///     tags: HashSet<String>,
    /// }
    ///
    /// let song = create_model("song", Song::default());
    /// assert!(song.add(Song::PATHS.tags, "rock"));
    /// assert!(!song.add(Song::PATHS.tags, "rock")); // the set has it: no commit
    /// assert_eq!(song.remove(Song::PATHS.tags, "rock"), Some(())); // `None` where it is not
    /// ```
    pub fn add<P>(
        &self,
        place: P,
        member: impl IntoKey<<P::Value as Collection>::Key>,
    ) -> Written<T, P, bool>
    where
        P: Place<T>,
        P::Value: Set,
    {
        self.run(place, AddMember::of(member.into_key()))
    }
}

impl<T: State + Clone + Send + Sync> Transaction<'_, T> {
    /// Adds `member` to the set at `place`; returns whether the set did not have it.
    ///
    /// Costs the set's own `insert`. Where the set has the member, nothing is committed. Not
    /// called `insert`, which takes a key and a value. A member is taken out by
    /// [`remove`](Self::remove).
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashSet;
    /// #[derive(Model, Clone, Default, PartialEq)]
    /// struct Song {
    ///     tags: HashSet<String>,
    /// }
    ///
    /// let song = create_model("song", Song::default());
    /// song.transaction(|tx| {
    ///     tx.add(Song::PATHS.tags, "rock");
    ///     assert!(tx.get(Song::PATHS.tags.key("rock")).is_some());
    ///     # Ok::<(), sprag::error::Absent>(())
    /// })?;
    /// # Ok::<(), sprag::error::Absent>(())
    /// ```
    pub fn add<P>(
        &mut self,
        place: P,
        member: impl IntoKey<<P::Value as Collection>::Key>,
    ) -> Written<T, P, bool>
    where
        P: Place<T>,
        P::Value: Set,
    {
        self.run(place, AddMember::of(member.into_key()))
    }
}
