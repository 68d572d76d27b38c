//! Plans an op that arrives as data: finds its place and reads its values.
//!
//! Each op is planned on the state with the earlier ops applied.

use std::any::Any;

use serde::de::Error as _;
use serde_json::Value;

use super::changeset::{Op, OpValue};
use crate::delta::{DeltaStep, Known, Owned, StepEdit, StepFailure, kept};
use crate::error::{ApplyError, PathError, cut};
use crate::path::{
    Address, By, Contents, DEEPEST, Entries, Hop, KeyHints, Kind, Noted, Part, Reading, Resolved,
    Route, Searched, Shape, Spelling, ValueRef, check_exact, is_within, resolve,
};

/// The fate of a member that the type does not have, and of a number outside its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Surplus {
    Refused,
    /// As serde reads the value: the data may come from another version of the type.
    Dropped,
}

/// The step that applies `op` to `state`; `None` if the op has no effect.
pub(super) fn plan(
    root: Known,
    op: &Op,
    state: &dyn Any,
    surplus: Surplus,
) -> Result<Option<DeltaStep>, PlanRefusal> {
    let plan = Plan { root, state, surplus };
    let step = match op {
        Op::AddMember { place, member, next } => {
            return plan.add_member(place, member, next.as_ref());
        }
        Op::RemoveMember { place, member } => return plan.remove_member(place, member),
        Op::Set { place, value } => plan.set(place, value),
        Op::Insert { place, values } => plan.insert(place, values),
        Op::Remove { place } => plan.remove(place),
        Op::RemoveMany { place, parts } => plan.remove_many(place, parts),
        Op::Order { place, first, from } => {
            Ok(DeltaStep::new(plan.list(place)?, StepEdit::Order(*first, from.clone())))
        }
    };
    step.map(Some)
}

/// Why an op cannot be planned.
pub(super) enum PlanRefusal {
    Place(Box<PathError>),
    Value { place: String, source: serde_json::Error },
    Conflict { place: String, reason: &'static str },
}

impl PlanRefusal {
    pub(super) fn of(failure: StepFailure, place: &Address) -> Self {
        let reason = match failure {
            StepFailure::Absent => "nothing is there",
            StepFailure::Present => "the key is there already",
            StepFailure::OutOfRange => "the list has no such indices",
            StepFailure::Changed => "another write has changed the value",
            StepFailure::Unfit => "the place is not of that kind",
        };
        Self::conflict(place, reason)
    }

    fn conflict(place: &Address, reason: &'static str) -> Self {
        Self::Conflict { place: shown(place), reason }
    }

    fn too_deep(place: &Address) -> Self {
        Self::conflict(place, "the value would be nested more than 127 deep")
    }

    fn misfit(place: &Address, error: &serde_json::Error) -> Self {
        Self::Value {
            place: shown(place),
            source: serde_json::Error::custom(cut(&error.to_string())),
        }
    }

    /// The error of the op with this number.
    pub(super) fn at(self, op: usize) -> ApplyError {
        match self {
            Self::Place(source) => ApplyError::Place { op, source },
            Self::Value { place, source } => ApplyError::Value { op, place, source },
            Self::Conflict { place, reason } => ApplyError::Conflict { op, place, reason },
        }
    }
}

impl Op {
    /// The place that the op writes; of a set's member that is added or removed, the set.
    pub fn place(&self) -> &Address {
        match self {
            Self::Set { place, .. }
            | Self::Insert { place, .. }
            | Self::Remove { place }
            | Self::RemoveMany { place, .. }
            | Self::AddMember { place, .. }
            | Self::RemoveMember { place, .. }
            | Self::Order { place, .. } => place,
        }
    }
}

struct Plan<'a> {
    root: Known,
    state: &'a dyn Any,
    surplus: Surplus,
}

impl Plan<'_> {
    fn set(&self, place: &Address, value: &OpValue) -> Result<DeltaStep, PlanRefusal> {
        match self.resolve(place, KeyHints::Left)? {
            Resolved { route, missing: None } => {
                if route.hops.last().is_some_and(|hop| hop.members().is_some()) {
                    return Err(PlanRefusal::of(StepFailure::Unfit, place));
                }
                let value = self.read(&route, place, value)?;
                let abled = self.root.at(&route.hops).abled();
                let old = route.get(self.state);
                let kept = old.map(|old| kept(route.shape, abled, old, &*value).values);
                Ok(DeltaStep::set_keeping(route, value, kept.unwrap_or_default()))
            }
            missing => self.add(missing, place, value),
        }
    }

    fn insert(&self, place: &Address, values: &[OpValue]) -> Result<DeltaStep, PlanRefusal> {
        let unfit = || PlanRefusal::of(StepFailure::Unfit, place);
        let (last, owner) = place.parts().split_last().ok_or_else(unfit)?;
        let owner: Address = owner.iter().cloned().collect();
        let list = self.resolve(&owner, KeyHints::Given)?;
        let list = Resolved { route: self.inside(list.route), ..list };
        if is_list(&list.route) {
            let first = if is_end(last) { self.len(&list.route) } else { index(last) };
            let first = first.ok_or_else(unfit)?;
            let Some(end) = first.checked_add(values.len()) else {
                return Err(PlanRefusal::of(StepFailure::OutOfRange, place));
            };
            let element = self.element(&list.route);
            let values = values.iter().map(|value| self.read(&element, place, value));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            return Ok(DeltaStep::new(
                list.route,
                StepEdit::Put((first..end).zip(values).collect()),
            ));
        }
        let ([value], resolved) = (values, self.resolve(place, KeyHints::Left)?) else {
            return Err(unfit());
        };
        match resolved.missing {
            None => Err(PlanRefusal::of(StepFailure::Present, place)),
            Some(_) => self.add(resolved, place, value),
        }
    }

    /// Adds the entry of a new key to a map.
    fn add(
        &self,
        at: Resolved,
        place: &Address,
        value: &OpValue,
    ) -> Result<DeltaStep, PlanRefusal> {
        let Resolved { route, missing: Some(missing) } = at else {
            return Err(PlanRefusal::of(StepFailure::Present, place));
        };
        if missing.entries.members.is_some() {
            return Err(PlanRefusal::of(StepFailure::Unfit, place));
        }
        let Some(key) = missing.key else { return Err(PlanRefusal::Place(missing.error.into())) };
        let (mut hops, entries) = (self.inside(route).hops, missing.entries);
        hops.push(Hop::Entry { entries, key, text: Some(missing.text) });
        let route = Route { hops, shape: (entries.shape)() };
        let value = self.read(&route, place, value)?;
        Ok(DeltaStep::new(route, StepEdit::Add(None, value)))
    }

    fn remove(&self, place: &Address) -> Result<DeltaStep, PlanRefusal> {
        let route = self.found(place)?;
        match route.hops.last() {
            Some(Hop::Entry { entries, key, .. }) => match key.downcast_ref::<usize>() {
                Some(index) if matches!(entries.by, By::Index { .. }) => {
                    let index = *index;
                    Ok(DeltaStep::new(self.owner(&route), StepEdit::Take(vec![index])))
                }
                _ => Ok(DeltaStep::new(route, StepEdit::Remove)),
            },
            _ => self.leave_out(route, place),
        }
    }

    /// Sets a field to a value for which serde does not write the field.
    fn leave_out(&self, mut route: Route, place: &Address) -> Result<DeltaStep, PlanRefusal> {
        while route.hops.last().is_some_and(is_merged) {
            route = self.owner(&route);
        }
        let unfit = || PlanRefusal::of(StepFailure::Unfit, place);
        let Some((Hop::Field { index, .. }, owner)) = route.hops.split_last() else {
            return Err(unfit());
        };
        let left_out = self.root.at(owner).left_out(*index).ok_or_else(unfit)?;
        let empty = [Value::Null, Value::Array(vec![]), Value::Object(Default::default())];
        let plain = [Value::String(String::new()), 0.into(), false.into()];
        let values = empty.into_iter().chain(plain);
        let mut read = values.filter_map(|value| self.root.at(&route.hops).read(&value)?.ok());
        let value = read.find(|value| left_out(&**value)).ok_or_else(unfit)?;
        Ok(DeltaStep::new(route, StepEdit::Set(value)))
    }

    fn remove_many(&self, place: &Address, parts: &[Part]) -> Result<DeltaStep, PlanRefusal> {
        let list = self.list(place)?;
        let indices = parts.iter().map(index).collect::<Option<Vec<_>>>();
        let indices = indices.ok_or_else(|| PlanRefusal::of(StepFailure::OutOfRange, place))?;
        Ok(DeltaStep::new(list, StepEdit::Take(indices)))
    }

    fn add_member(
        &self,
        place: &Address,
        member: &OpValue,
        next: Option<&OpValue>,
    ) -> Result<Option<DeltaStep>, PlanRefusal> {
        let (route, entries) = self.member(place, member)?;
        let is_there = route.get(self.state).is_some();
        let next = next.and_then(|next| entries.read_member(&next.to_json().ok()?));
        Ok((!is_there).then(|| DeltaStep::add_member(route, next)))
    }

    fn remove_member(
        &self,
        place: &Address,
        member: &OpValue,
    ) -> Result<Option<DeltaStep>, PlanRefusal> {
        let (route, _) = self.member(place, member)?;
        let is_there = route.get(self.state).is_some();
        Ok(is_there.then(|| DeltaStep::new(route, StepEdit::Remove)))
    }

    /// The route to a member of the set at `place`, which the set may lack.
    fn member(
        &self,
        place: &Address,
        member: &OpValue,
    ) -> Result<(Route, &'static Entries), PlanRefusal> {
        let mut route = self.inside(self.found(place)?);
        let Contents::Entries(entries @ Entries { members: Some(_), .. }) = route.shape.contents
        else {
            return Err(PlanRefusal::of(StepFailure::Unfit, place));
        };
        let misfit = |source| PlanRefusal::misfit(place, &source);
        let unread = || misfit(serde_json::Error::custom("the set cannot have such a member"));
        let json = member.to_json().map_err(misfit)?;
        if !is_within(&json, DEEPEST.saturating_sub(place.parts().len() + 1)) {
            return Err(PlanRefusal::conflict(
                place,
                "the member would be nested more than 127 deep",
            ));
        }
        let key = entries.read_member(&json).ok_or_else(unread)?;
        if let Some(members) = entries.members {
            self.verify((members.shape)(), place, &json, || members.json(&*key), &|_| false)?;
        }
        route.hops.push(Hop::Entry { entries, key, text: None });
        route.shape = (entries.shape)();
        Ok((route, entries))
    }

    fn list(&self, place: &Address) -> Result<Route, PlanRefusal> {
        let route = self.inside(self.found(place)?);
        if is_list(&route) { Ok(route) } else { Err(PlanRefusal::of(StepFailure::Unfit, place)) }
    }

    /// The current length of the list.
    fn len(&self, list: &Route) -> Option<usize> {
        let Contents::Entries(entries) = list.shape.contents else { return None };
        let By::Index { len, .. } = entries.by else { return None };
        list.get(self.state).map(len)
    }

    fn found(&self, place: &Address) -> Result<Route, PlanRefusal> {
        match self.resolve(place, KeyHints::Given)? {
            Resolved { route, missing: None } => Ok(route),
            Resolved { missing: Some(missing), .. } => {
                Err(PlanRefusal::Place(missing.error.into()))
            }
        }
    }

    fn resolve(&self, place: &Address, hints: KeyHints) -> Result<Resolved, PlanRefusal> {
        if place.parts().len() > DEEPEST {
            return Err(PlanRefusal::conflict(place, "it is nested more than 127 deep"));
        }
        let (shape, tree, value) = (self.root.shape, self.root.tree(), self.state);
        // The keys of a map whose keys cannot be read are not places of ops.
        let root = Searched { shape, tree, value, key_texts: &|_| None, hints };
        let resolved = resolve(root, place, Spelling::Wire);
        let resolved = resolved.map_err(|error| PlanRefusal::Place(error.into()))?;
        if resolved.route.hops.iter().any(is_read_only) {
            return Err(PlanRefusal::conflict(
                place,
                "serde does not read back its own form of the value",
            ));
        }
        Ok(resolved)
    }

    /// The value in an `Option` or box that is one place with its owner.
    fn inside(&self, mut route: Route) -> Route {
        while let Some(hop) = self.merged(&route) {
            route.hops.push(hop);
            route.shape = self.root.at(&route.hops).shape;
        }
        route
    }

    fn merged(&self, route: &Route) -> Option<Hop> {
        let owner = route.shape;
        let field = |index: usize| Hop::Field { owner, index, field: &owner.fields[index] };
        let hop = match (owner.kind, owner.contents) {
            (Kind::Option, _) => field(0),
            (Kind::Struct, _) => field(owner.note_of_only_field()?),
            (_, Contents::Inside(inside)) => Hop::Inside(inside),
            _ => return None,
        };
        let value = route.get(self.state)?;
        hop.step(ValueRef::Ref(value)).is_some().then_some(hop)
    }

    fn owner(&self, route: &Route) -> Route {
        let hops = route.hops[..route.hops.len().saturating_sub(1)].to_vec();
        Route { shape: self.root.at(&hops).shape, hops }
    }

    /// The route to some element of the list.
    fn element(&self, list: &Route) -> Route {
        let mut hops = list.hops.clone();
        if let Contents::Entries(entries) = list.shape.contents {
            hops.push(entries.element(0));
        }
        Route { shape: self.root.at(&hops).shape, hops }
    }

    fn read(&self, route: &Route, place: &Address, value: &OpValue) -> Result<Owned, PlanRefusal> {
        let misfit = |source| PlanRefusal::misfit(place, &source);
        let value = value.to_json().map_err(misfit)?;
        if !is_within(&value, DEEPEST.saturating_sub(place.parts().len())) {
            return Err(PlanRefusal::too_deep(place));
        }
        let unread = || PlanRefusal::conflict(place, "its type has no `Deserialize`");
        let known = self.root.at(&route.hops);
        let read = known.read(&value).ok_or_else(unread)?.map_err(misfit)?;
        let is_same = |other: &Value| match known.read(other) {
            Some(Ok(other)) => known.is_equal(&*read, &*other) != Some(false),
            _ => false,
        };
        self.verify(known.shape, place, &value, || known.json(&*read), &is_same)?;
        Ok(read)
    }

    /// Refuses a value that is `written` as another one than was given.
    fn verify(
        &self,
        shape: &'static Shape,
        place: &Address,
        given: &Value,
        written: impl FnOnce() -> Option<Value>,
        is_same: &dyn Fn(&Value) -> bool,
    ) -> Result<(), PlanRefusal> {
        if self.surplus == Surplus::Dropped {
            return Ok(());
        }
        let Some(written) = written() else { return Ok(()) };
        // A default of serde's can be nested deeper than the given JSON.
        if !is_within(&written, DEEPEST.saturating_sub(place.parts().len())) {
            return Err(PlanRefusal::too_deep(place));
        }
        let checked = check_exact(shape, given, &written, &|| place.clone(), is_same);
        checked.map_err(|problem| PlanRefusal::Place(problem.at(shown(place)).into()))
    }
}

fn is_list(route: &Route) -> bool {
    matches!(route.shape.contents, Contents::Entries(entries) if matches!(entries.by, By::Index { .. }))
}

/// Whether the target of the hop is one place with its owner.
fn is_merged(hop: &Hop) -> bool {
    !matches!(hop, Hop::Entry { .. }) && hop.part().is_none()
}

fn is_read_only(hop: &Hop) -> bool {
    match hop {
        Hop::Field { owner, index, .. } => {
            owner.note(Noted::Place(*index)).reading != Reading::Usual
        }
        _ => false,
    }
}

/// Whether the part means the end of a list, as in a JSON Pointer.
fn is_end(part: &Part) -> bool {
    matches!(part, Part::Name(name) if name == "-")
}

fn index(part: &Part) -> Option<usize> {
    match part {
        Part::Member(_) => None,
        Part::Index(index) => Some(*index),
        Part::Name(name) => name.parse().ok().filter(|index: &usize| index.to_string() == *name),
    }
}

/// The place as text, cut to the length that errors need.
fn shown(place: &Address) -> String {
    cut(&place.to_string())
}
