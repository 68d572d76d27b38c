//! The members of a set as parts of places.
//!
//! Serde writes a set as an array, so a member is not under a key. In an address a member
//! is an array of its JSON alone, `["rock"]`. As text it is written as a key would be; a
//! member that serde does not write as a string, a number or a boolean is that array.

use std::any::Any;

use serde_json::Value;

use super::address::Part;
use super::erased::{AnyKey, By, Entries, Members};
use super::member_text::text;
use crate::path::ability::Writing;

/// The members that a part may be, in JSON; the first that the set's type can have counts.
fn readings(part: &Part) -> Vec<Value> {
    let text = match part {
        Part::Member(member) => return vec![member.clone()],
        // An index is a position in the array, which a set does not promise.
        Part::Index(_) => return Vec::new(),
        Part::Name(text) => text,
    };
    let other = match serde_json::from_str(text) {
        Ok(json @ (Value::Number(_) | Value::Bool(_))) => Some(json),
        Ok(Value::Array(mut alone)) if alone.len() == 1 => alone.pop(),
        _ => None,
    };
    [Value::from(&**text)].into_iter().chain(other).collect()
}

impl Members {
    /// The JSON of a member; `None` if its type cannot be written.
    pub(crate) fn json(&self, member: &dyn Any) -> Option<Value> {
        let write = (self.abilities)().write?;
        serde_json::to_value(Writing { value: member, write }).ok()
    }

    pub(super) fn text(&self, member: &dyn Any) -> Option<String> {
        self.json(member).map(|json| text(&json))
    }
}

impl Entries {
    /// The member that `part` names; `None` if the set's type cannot have such a member.
    pub(super) fn member(&self, part: &Part) -> Option<AnyKey> {
        readings(part).iter().find_map(|json| self.read_member(json))
    }

    /// The member with this JSON.
    pub(crate) fn read_member(&self, json: &Value) -> Option<AnyKey> {
        let By::Key { own, .. } = self.by else { return None };
        let read = (self.members?.abilities)().read?;
        let member = read(&mut <dyn erased_serde::Deserializer<'_>>::erase(json)).ok()?;
        own(&*member)
    }
}
