//! Converts ops to data: their routes become places in the JSON of the state.

use super::changeset::{Op, OpValue};
use crate::delta::{Act, Held, RecordedOp, Shows};
use crate::path::{Address, Hop, Hops, Part, Place, Shape, State, Walk, WirePart, wire_parts};

/// Returns the place of `place` in the JSON of the state: the place of an [`Op`] that
/// writes there.
///
/// `None` if serde leaves the place out, and for a place inside a value whose type has no
/// places of its own, such as a part of a leaf. Serialises the keys in the path.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use sprag::prelude::*;
/// use sprag::state::address_of;
///
/// #[derive(Model, Clone, PartialEq, Serialize, Deserialize)]
/// enum Input {
///     Hdmi(u8),
///     Tuner,
/// }
///
/// #[derive(Model, Clone, PartialEq, Serialize, Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct Tv {
///     last_input: Input,
/// }
///
/// let place = address_of(Tv::PATHS.last_input.hdmi.0).expect("serde writes the place");
/// assert_eq!(place.to_string(), "lastInput.Hdmi");
/// ```
pub fn address_of<T: State, P: Place<T>>(place: P) -> Option<Address> {
    let mut hops = Hops::without_texts();
    place.__walk().hops(&mut hops);
    if hops.is_closed() {
        return None;
    }
    parts(T::__SHAPE, &hops.hops).map(Address::from)
}

/// Appends the data of an op; nothing if serde does not write the place.
pub(super) fn render(root: &'static Shape, op: &RecordedOp, out: &mut Vec<Op>) {
    if let Some((members, member)) = op.member() {
        return out.extend(of_member(root, op, OpValue::member(members, member)));
    }
    let Some(parts) = parts(root, &op.route.hops) else { return };
    match (op.shows, &op.act) {
        (Shows::Nothing, _) => {}
        (Shows::Gone, _) | (_, Act::Remove { .. }) => {
            out.push(Op::Remove { place: place(parts) });
        }
        (_, Act::Set { new, .. }) => {
            out.push(Op::Set { place: place(parts), value: value(new, op) });
        }
        (_, Act::Add { new, .. }) => {
            out.push(Op::Insert { place: place(parts), values: vec![value(new, op)] });
        }
        (_, Act::Put { items, .. }) => out.extend(runs(items).map(|run| inserted(&parts, run, op))),
        (_, Act::Take { indices, .. }) => out.push(taken(parts, indices)),
        (_, Act::Order { first, from, .. }) => {
            out.push(Op::Order { place: place(parts), first: *first, from: from.clone() });
        }
    }
}

/// The op at the place of a set's member; `None` if serde leaves the set out.
fn of_member(root: &'static Shape, op: &RecordedOp, member: OpValue) -> Option<Op> {
    let (hop, set) = op.route.hops.split_last()?;
    let place = parts(root, set).filter(|_| op.shows == Shows::Value)?.into();
    Some(match &op.act {
        Act::Remove { .. } => Op::RemoveMember { place, member },
        Act::Add { next, .. } => {
            let (next, members) = (next.as_ref(), hop.members());
            let next = next.zip(members).map(|(next, members)| OpValue::member(members, next));
            Op::AddMember { place, member, next }
        }
        _ => Op::AddMember { place, member, next: None },
    })
}

fn place(parts: Vec<Part>) -> Address {
    parts.into_iter().collect()
}

fn element(list: &[Part], index: usize) -> Address {
    list.iter().cloned().chain([Part::Index(index)]).collect()
}

fn value(held: &Held, op: &RecordedOp) -> OpValue {
    OpValue::held(held.clone(), op.route.shape)
}

/// Groups the items into runs of neighbours.
fn runs(items: &[(usize, Held)]) -> impl Iterator<Item = &[(usize, Held)]> {
    items.chunk_by(|(a, _), (b, _)| a + 1 == *b)
}

fn inserted(list: &[Part], run: &[(usize, Held)], op: &RecordedOp) -> Op {
    let values = run.iter().map(|(_, new)| value(new, op)).collect();
    Op::Insert { place: element(list, run[0].0), values }
}

fn taken(list: Vec<Part>, indices: &[usize]) -> Op {
    match indices {
        [index] => Op::Remove { place: element(&list, *index) },
        _ => {
            let parts = indices.iter().map(|index| Part::Index(*index)).collect();
            Op::RemoveMany { place: place(list), parts }
        }
    }
}

/// The place, in the JSON of the root, of the value at `hops`; `None` if serde leaves the
/// value out.
fn parts(root: &'static Shape, hops: &[Hop]) -> Option<Vec<Part>> {
    is_shown(hops).then(|| wire_parts(root, hops).map(WirePart::into_part).collect())
}

/// Whether serde skips no field in the route.
pub(super) fn is_shown(hops: &[Hop]) -> bool {
    !hops.iter().any(Hop::is_skipped)
}
