//! Writes of a set's members by text or address: a member is set to itself, which adds the
//! member, and merged with `null`, which removes it.

use std::sync::Arc;

use serde::de::Error as _;
use serde_json::Value;

use super::place_name::PlaceName;
use super::prepare::{Prepared, remove};
use crate::cell::RoutedChange;
use crate::error::{PathError, cut};
use crate::path::{AnyKey, Entries, Hop, Missing, Resolved, Route};

/// The place of a member.
pub(super) struct WrittenMember {
    /// The route to the set, without the member.
    set: Route,
    member: Hop,
    is_there: bool,
}

impl WrittenMember {
    /// The member that a text or an address names; `None` if it names something else.
    pub(super) fn of(resolved: &Resolved, path: PlaceName<'_>) -> Option<Result<Self, PathError>> {
        let Resolved { route, missing } = resolved;
        if let Some(missing) = missing {
            missing.entries.members?;
            return Some(Self::missing(route, missing, path));
        }
        let (member, hops) = route.hops.split_last()?;
        member.members()?;
        let set = Route { hops: hops.to_vec(), shape: route.shape };
        Some(Ok(Self { set, member: member.clone(), is_there: true }))
    }

    fn missing(set: &Route, missing: &Missing, path: PlaceName<'_>) -> Result<Self, PathError> {
        let Missing { entries, key, text, within, .. } = missing;
        let Some(key) = key.clone() else {
            let (path, within) = (path.text(), within.clone());
            return Err(PathError::NoKey { path, key: cut(text), within });
        };
        let member = Hop::Entry { entries, key, text: Some(text.clone()) };
        Ok(Self { set: set.clone(), member, is_there: false })
    }

    fn json(&self) -> Option<Value> {
        let (members, member) = self.member.member()?;
        members.json(&**member)
    }

    /// Adds the change that sets the member to `given`, which must be the member itself.
    pub(super) fn set(
        self,
        given: &Value,
        path: PlaceName<'_>,
        prepared: &mut Prepared,
    ) -> Result<(), PathError> {
        if self.json().as_ref() != Some(given) {
            let why = "the value at the place of a set's member is the member itself";
            let (at, source) = (String::new(), serde_json::Error::custom(why));
            return Err(PathError::Misfit { path: path.text(), at, source });
        }
        let is_there = self.is_there;
        let Some((route, entries, key)) = self.into_entry() else { return Ok(()) };
        let (route, nothing) = (Arc::new(route), Box::new(()));
        prepared.changes.push(if is_there {
            RoutedChange::Set {
                route,
                holder: nothing,
                inner: Vec::new(),
                is_written: false,
                equal: Some(|_, _| Some(true)),
                kept: Vec::new(),
            }
        } else {
            RoutedChange::Add { route, entries, key, item: Some(nothing), undone: None }
        });
        Ok(())
    }

    /// Adds the change that merges `patch` into the member.
    pub(super) fn merge(
        self,
        patch: &Value,
        path: PlaceName<'_>,
        prepared: &mut Prepared,
    ) -> Result<(), PathError> {
        if !patch.is_null() || self.json() == Some(Value::Null) {
            return self.set(patch, path, prepared);
        }
        if self.is_there
            && let Some((route, ..)) = self.into_entry()
        {
            remove(route, prepared);
        }
        Ok(())
    }

    fn into_entry(self) -> Option<(Route, &'static Entries, AnyKey)> {
        let Hop::Entry { entries, key, .. } = &self.member else { return None };
        let (entries, key) = (*entries, Arc::clone(key));
        let mut route = self.set;
        route.hops.push(self.member);
        route.shape = (entries.shape)();
        Some((route, entries, key))
    }
}
