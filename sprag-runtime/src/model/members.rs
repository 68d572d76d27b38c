//! The write that only sets have, `add`, on a model and in a transaction.

use super::entry_writes::entry_writes;
use super::{Key, Model, Transaction, Written};
use crate::cell::AddMember;
use crate::path::{IntoKey, Place, Set, State};

entry_writes! {
    /// Adds `member` to the set at `place`; returns whether the member is new.
    ///
    /// The cost is that of the set's own `insert`. If the set has the member, nothing is
    /// written. The method is not called `insert`, which takes a key and a value.
    /// [`remove`](Self::remove) removes a member.
    ///
    /// # Errors
    ///
    /// [`Absent`](crate::error::Absent), as for [`set`](Self::set).
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::collections::HashSet;
    /// #[derive(Model, Clone, Default, PartialEq)]
    /// struct Tv {
    ///     tags: HashSet<String>,
    /// }
    ///
    /// let tv = create_model("tv", Tv::default());
    open
    /// assert!(tv.add(Tv::PATHS.tags, "rock"));
    /// assert!(!tv.add(Tv::PATHS.tags, "rock")); // the set has it: no commit
    /// assert_eq!(tv.remove(Tv::PATHS.tags, "rock"), Some(())); // `None` where it is not
    close
    fn add[](place, member: impl IntoKey<Key<T, P>>) -> bool
    where [P::Value: Set] {
        AddMember::of(member.into_key())
    }
}
