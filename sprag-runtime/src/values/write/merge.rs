//! JSON merge patch (RFC 7396) over a state: each member of the patch is written at its own
//! place, so other members are neither read nor written.

use std::collections::VecDeque;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::fallback;
use super::member::WrittenMember;
use super::place_name::PlaceName;
use super::prepare::{Prepared, place, place_by_any_name, remove};
use crate::error::{PathError, cut};
use crate::path::{
    Abled, Address, By, Contents, DEEPEST, Hop, Kind, Noted, Part, Resolved, Route, Shape,
    Spelling, State, ValueRef, is_flattened, is_within, wire_of_alias, wire_of_field,
};
use crate::values::locate::Goal;
use crate::values::merge::merged;
use crate::values::read::{Root, refused, shown as shown_place};

/// Merges `patch` into the place at `address`.
pub(super) fn patch<T>(
    state: &T,
    address: &Address,
    spelling: Spelling,
    patch: &Value,
) -> Result<Prepared, PathError>
where
    T: State + Serialize + DeserializeOwned,
{
    let root = Root::of_writable(state);
    let resolved = root.resolve(T::__SHAPE, address, spelling)?;
    if !is_within(patch, DEEPEST.saturating_sub(address.parts().len())) {
        return Err(PathError::TooDeep { path: cut(&address.to_string()) });
    }
    let prepared = Prepared::default();
    let pending = [(resolved, patch)].into();
    let mut merge = Merge { root, shape: T::__SHAPE, pending, prepared, repeated: 0 };
    while let Some((resolved, patch)) = merge.pending.pop_front() {
        merge.place(resolved, patch)?;
    }
    Ok(merge.prepared)
}

/// How many bytes of keys the ways to all members of a patch may repeat. Each member has a
/// way of its own, so that one long key around many short ones would cost their product.
const REPEATED: usize = 256 << 20;

/// A merge under way.
///
/// Places that are still to be merged into wait in a queue, so that a deep patch needs no
/// more stack than a flat one.
struct Merge<'a> {
    root: Root<'a>,
    shape: &'static Shape,
    pending: VecDeque<(Resolved, &'a Value)>,
    prepared: Prepared,
    /// How many bytes of keys the ways to the members repeat.
    repeated: usize,
}

/// How a member of an object was found.
enum FoundMember {
    Place(Resolved),
    /// By another name than serde writes.
    ByAlias(Resolved),
    /// In a flattened value, in another variant than the active one.
    Flattened,
    /// In the JSON, but without a path (`#[model(skip)]`).
    Pathless,
}

impl<'a> Merge<'a> {
    /// Merges into a place, or queues places inside of it.
    fn place(&mut self, resolved: Resolved, patch: &'a Value) -> Result<(), PathError> {
        let is_writable = !resolved.route.hops.iter().any(is_shared);
        let path = path_of(&resolved);
        let path = PlaceName::Text(&path);
        if let Some(member) = WrittenMember::of(&resolved, path).filter(|_| is_writable) {
            return member?.merge(patch, path, &mut self.prepared);
        }
        let Value::Object(members) = patch else { return self.set(resolved, patch) };
        if resolved.missing.is_some() {
            return self.set(resolved, &merged(Value::Null, patch));
        }
        let route = resolved.route;
        let abled = Abled::root(self.root.tree).along(&route.hops);
        let is_decomposed = !abled.is_custom() && !route.hops.iter().any(is_shared);
        match (route.shape.kind, route.shape.contents) {
            _ if !is_decomposed => self.as_json(route, patch),
            (Kind::Option, _) => self.option(route, patch),
            (Kind::Struct, _) => match self.whole_field(&route) {
                Some(inner) => self.queue(found(inner), patch),
                None if is_list(route.shape) => self.as_json(route, patch),
                None => self.members(&route, members),
            },
            (Kind::Enum, _) => self.variant(route, members, patch),
            (_, Contents::Inside(inside)) if !inside.is_shared => {
                let mut route = route;
                route.hops.push(Hop::Inside(inside));
                route.shape = (inside.shape)();
                self.queue(found(route), patch)
            }
            (Kind::Set, _) => self.as_json(route, patch),
            (_, Contents::Entries(entries)) if matches!(entries.by, By::Key { .. }) => {
                self.members(&route, members)
            }
            _ => self.as_json(route, patch),
        }
    }

    #[allow(clippy::unnecessary_wraps, reason = "the end of a match that can fail")]
    fn queue(&mut self, resolved: Resolved, patch: &'a Value) -> Result<(), PathError> {
        self.pending.push_back((resolved, patch));
        Ok(())
    }

    fn set(&mut self, resolved: Resolved, value: &Value) -> Result<(), PathError> {
        let path = path_of(&resolved);
        place(self.root, resolved, value, PlaceName::Text(&path), &mut self.prepared)
    }

    fn option(&mut self, mut route: Route, patch: &'a Value) -> Result<(), PathError> {
        let field = &route.shape.fields[0];
        let hop = Hop::Field { owner: route.shape, index: 0, field };
        let value = route.get(self.root.writing.value);
        if value.and_then(|value| hop.step(ValueRef::Ref(value))).is_none() {
            return self.set(found(route), &merged(Value::Null, patch));
        }
        route.hops.push(hop);
        route.shape = field.shape;
        self.queue(found(route), patch)
    }

    /// The field that is written in its owner's place.
    fn whole_field(&self, route: &Route) -> Option<Route> {
        let shape = route.shape;
        let is_whole = |&index: &usize| {
            let note = shape.note(Noted::Place(index));
            note.wire == Some("") && !note.flat && !shape.fields[index].skipped
        };
        let index = (0..shape.fields.len()).find(is_whole)?;
        let field = &shape.fields[index];
        let mut hops = route.hops.clone();
        hops.push(Hop::Field { owner: shape, index, field });
        Some(Route { hops, shape: field.shape })
    }

    /// The members of a struct or a map.
    fn members(&mut self, owner: &Route, members: &'a Map<String, Value>) -> Result<(), PathError> {
        self.count_keys(owner, members.len())?;
        let (mut flattened, mut pathless) = (Map::new(), Map::new());
        let (mut found, mut shown) = (Vec::new(), None);
        for (name, patch) in members {
            found.push((name, patch, self.member(owner, name, &mut shown)?));
        }
        // Another variant of a flattened enum takes all of its members.
        let is_switched = found.iter().any(|(_, patch, found)| match found {
            FoundMember::Flattened => true,
            FoundMember::Place(resolved) => patch.is_null() && is_in_flat_enum(owner, resolved),
            FoundMember::ByAlias(_) | FoundMember::Pathless => false,
        });
        for (name, patch, found) in found {
            match found {
                FoundMember::Place(resolved)
                    if is_switched && is_in_flat_enum(owner, &resolved) =>
                {
                    flattened.insert(name.clone(), patch.clone());
                }
                FoundMember::Flattened => drop(flattened.insert(name.clone(), patch.clone())),
                FoundMember::Pathless => drop(pathless.insert(name.clone(), patch.clone())),
                FoundMember::Place(resolved) => self.merge_member(owner, name, resolved, patch)?,
                FoundMember::ByAlias(resolved) => {
                    let path = path_of(&resolved);
                    let (path, prepared) = (PlaceName::Text(&path), &mut self.prepared);
                    place_by_any_name(self.root, resolved, patch, path, prepared)?;
                }
            }
        }
        let address = owner.address();
        let path = PlaceName::Address(&address);
        let (root, prepared) = (self.root, &mut self.prepared);
        if !pathless.is_empty() {
            let change = |value| merged(value, &Value::Object(pathless));
            fallback::all_but_places(root, owner, change, path, prepared)?;
        }
        if !flattened.is_empty() {
            let fields = flat_fields(owner.shape);
            let change = |value| merged(value, &Value::Object(flattened));
            fallback::field_of_owner(root, owner, &fields, change, path, prepared)?;
        }
        Ok(())
    }

    fn merge_member(
        &mut self,
        owner: &Route,
        name: &str,
        resolved: Resolved,
        patch: &'a Value,
    ) -> Result<(), PathError> {
        if !patch.is_null() {
            return self.queue(resolved, patch);
        }
        if resolved.missing.is_some() {
            return Ok(());
        }
        let route = resolved.route;
        match route.hops.last() {
            Some(Hop::Entry { .. }) => {
                remove(route, &mut self.prepared);
                Ok(())
            }
            _ if route.shape.kind == Kind::Option => self.set(found(route), patch),
            Some(field @ Hop::Field { .. }) if route.hops.len() == owner.hops.len() + 1 => {
                let fields = [(field.clone(), route.shape)];
                let address = route.address();
                let path = PlaceName::Address(&address);
                let change = |mut value: Value| {
                    if let Value::Object(members) = &mut value {
                        members.remove(name);
                    }
                    value
                };
                let prepared = &mut self.prepared;
                fallback::field_of_owner(self.root, owner, &fields, change, path, prepared)
            }
            _ => self.set(found(route), patch),
        }
    }

    /// Refuses a patch whose members repeat too much of the keys around them.
    fn count_keys(&mut self, owner: &Route, members: usize) -> Result<(), PathError> {
        self.repeated = self.repeated.saturating_add(owner.key_bytes().saturating_mul(members));
        if self.repeated > REPEATED {
            return Err(PathError::TooLong { path: cut(&owner.address().to_string()) });
        }
        Ok(())
    }

    /// `shown` keeps the JSON of the owner for its further members.
    fn member(
        &self,
        owner: &Route,
        name: &str,
        shown: &mut Option<Value>,
    ) -> Result<FoundMember, PathError> {
        if let Some(wire) = wire_of_alias(owner.shape, name) {
            let mut address = owner.address();
            address.push(wire);
            return self.resolve(&address).map(FoundMember::ByAlias);
        }
        let mut address = owner.address();
        address.push(name);
        let error = match self.resolve(&address) {
            Ok(resolved) => return Ok(FoundMember::Place(resolved)),
            Err(
                error @ (PathError::Unknown { .. }
                | PathError::Absent(_)
                | PathError::Variant { .. }),
            ) => error,
            Err(error) => return Err(error),
        };
        if is_flattened(owner.shape, name) {
            return Ok(FoundMember::Flattened);
        }
        let shown = shown.get_or_insert_with(|| {
            let shown = shown_place(self.root, &owner.hops, Goal::Value);
            shown.map_or(Value::Null, |shown| shown.value)
        });
        match error {
            PathError::Unknown { .. } if shown.get(name).is_some() => Ok(FoundMember::Pathless),
            PathError::Unknown { path, name, within, known, nearest } => {
                Err(PathError::UnknownMember { path, name, within, known, nearest })
            }
            error => Err(error),
        }
    }

    fn resolve(&self, address: &Address) -> Result<Resolved, PathError> {
        self.root.resolve(self.shape, address, Spelling::Wire)
    }

    /// Into the active variant, where the patch names nothing else; else the enum is
    /// written as a whole.
    fn variant(
        &mut self,
        route: Route,
        members: &'a Map<String, Value>,
        patch: &Value,
    ) -> Result<(), PathError> {
        if members.is_empty() {
            let shown = shown_place(self.root, &route.hops, Goal::Value);
            let is_object = shown.is_ok_and(|shown| shown.value.is_object());
            return if is_object { Ok(()) } else { self.as_json(route, patch) };
        }
        let mut found = Vec::new();
        let stays = members.iter().all(|(name, patch)| {
            let mut address = route.address();
            address.push(name.as_str());
            self.stays_in_variant(&route, &address, patch, &mut found)
        });
        if !stays {
            return self.as_json(route, patch);
        }
        self.pending.extend(found);
        Ok(())
    }

    /// Whether a member of a patch is a place in the active variant, or its present tag.
    fn stays_in_variant(
        &self,
        route: &Route,
        address: &Address,
        patch: &'a Value,
        found: &mut Vec<(Resolved, &'a Value)>,
    ) -> bool {
        match (self.resolve(address), patch) {
            (Ok(resolved), patch) if resolved.missing.is_none() && !patch.is_null() => {
                found.push((resolved, patch));
                true
            }
            // The content of the active variant.
            (Err(PathError::Variant { .. }), Value::Object(members)) => {
                members.iter().all(|(name, patch)| {
                    let mut address = address.clone();
                    address.push(name.as_str());
                    self.stays_in_variant(route, &address, patch, found)
                })
            }
            _ => {
                let shown = shown_place(self.root, &route.hops, Goal::Value).ok();
                let tag = address.parts().last().map(Part::text);
                let present = shown.as_ref().zip(tag).and_then(|(s, tag)| s.value.get(&*tag));
                !patch.is_null() && present == Some(patch)
            }
        }
    }

    /// Merges into the JSON of the whole place.
    fn as_json(&mut self, route: Route, patch: &Value) -> Result<(), PathError> {
        let path = cut(&route.address().to_string());
        let shown = shown_place(self.root, &route.hops, Goal::Value);
        let shown = shown.map_err(|stop| refused(stop, path))?;
        self.prepared.depends_on_state = true;
        self.set(found(route), &merged(shown.value, patch))
    }
}

/// Whether a member of `owner` is in an enum that is flattened into it.
fn is_in_flat_enum(owner: &Route, member: &Resolved) -> bool {
    let hops = &member.route.hops[owner.hops.len()..];
    hops.iter().any(|hop| matches!(hop, Hop::Variant { .. }))
}

fn found(route: Route) -> Resolved {
    Resolved { route, missing: None }
}

fn is_shared(hop: &Hop) -> bool {
    matches!(hop, Hop::Inside(inside) if inside.is_shared)
}

fn path_of(resolved: &Resolved) -> String {
    let mut address = resolved.route.address();
    if let Some(missing) = &resolved.missing {
        address.push(Part::Name(missing.text.clone()));
    }
    cut(&address.to_string())
}

/// Whether serde writes a struct as a list.
fn is_list(shape: &Shape) -> bool {
    shape.fields.iter().enumerate().any(|(index, field)| {
        let wire = wire_of_field(&shape.note(Noted::Place(index)), field);
        wire.is_some_and(|wire| wire.parse::<usize>().is_ok())
    })
}

/// The flattened fields of a struct.
fn flat_fields(shape: &'static Shape) -> Vec<(Hop, &'static Shape)> {
    let flat = shape.fields.iter().enumerate().filter(|(index, field)| {
        let note = shape.note(Noted::Place(*index));
        note.flat && !field.skipped
    });
    let step = |(index, field)| {
        let field: &'static crate::path::ShapeField = field;
        (Hop::Field { owner: shape, index, field }, field.shape)
    };
    flat.map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d0_a_patch_may_repeat_256_mib_of_keys_and_no_more() {
        let (shape, number) = (u8::__SHAPE, 0_u8);
        let is_refused = |repeated| {
            let (root, pending, prepared) =
                (Root::of_writable(&number), VecDeque::new(), Prepared::default());
            let mut merge = Merge { root, shape, pending, prepared, repeated };
            merge.count_keys(&Route { hops: Vec::new(), shape }, 1).is_err()
        };
        assert!(!is_refused(REPEATED) && is_refused(REPEATED + 1) && is_refused(usize::MAX));
    }
}
