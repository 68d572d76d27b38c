//! [`Route`]: a way to a place as steps over values whose types are not known.
//!
//! A route comes from text and from an [`Address`], by a search, and from a typed walk.

use std::any::Any;
use std::fmt;

use super::address::Address;
use super::erased::ValueRef;
use super::hop::Hop;
use crate::path::location::Location;
use crate::path::path_text::PathText;
use crate::path::shape::Shape;

/// The steps from a root to a place.
#[derive(Clone)]
pub(crate) struct Route {
    pub(crate) hops: Vec<Hop>,
    /// The shape of the place.
    pub(crate) shape: &'static Shape,
}

impl Route {
    /// The value at the place.
    pub(crate) fn get<'a>(&self, root: &'a dyn Any) -> Option<&'a dyn Any> {
        follow(root, &self.hops)
    }

    /// The value at the place, to be written.
    pub(crate) fn get_mut<'a>(&self, root: &'a mut dyn Any) -> Option<&'a mut dyn Any> {
        follow_mut(root, &self.hops)
    }

    /// Where the place is, as a cell's index of watchers knows it.
    pub(crate) fn location(&self) -> Location {
        let mut location = Location::root();
        for hop in &self.hops {
            hop.locate(&mut location);
        }
        location
    }

    pub(crate) fn describe(&self, text: &mut PathText<'_>) -> fmt::Result {
        for hop in &self.hops {
            match hop {
                Hop::Field { field, .. } | Hop::Variant { field, .. } => {
                    if !field.name.is_empty() {
                        text.name(field.name)?;
                    }
                }
                Hop::Entry { text: Some(key), .. } => text.name(key)?,
                Hop::Entry { .. } => text.name("?")?,
                Hop::Inside(_) => {}
            }
        }
        Ok(())
    }

    /// How long the texts of the keys on the way are, in bytes.
    pub(crate) fn key_bytes(&self) -> usize {
        let texts = self.hops.iter().map(|hop| match hop {
            Hop::Entry { text: Some(text), .. } => text.len(),
            _ => 0,
        });
        texts.sum()
    }

    /// How many parts the place's address has.
    pub(crate) fn depth(&self) -> usize {
        self.hops.iter().filter(|hop| hop.is_part()).count()
    }

    /// The place in the serde form of the root.
    pub(crate) fn address(&self) -> Address {
        self.hops.iter().filter_map(Hop::part).collect()
    }
}

/// The value that `hops` lead to.
pub(crate) fn follow<'a>(root: &'a dyn Any, hops: &[Hop]) -> Option<&'a dyn Any> {
    let mut value = ValueRef::Ref(root);
    for hop in hops {
        value = hop.step(value)?;
    }
    value.shared()
}

/// The value that `hops` lead to, to be written.
pub(crate) fn follow_mut<'a>(root: &'a mut dyn Any, hops: &[Hop]) -> Option<&'a mut dyn Any> {
    let mut value = ValueRef::Mut(root);
    for hop in hops {
        value = hop.step(value)?;
    }
    value.exclusive()
}
