//! Moves the value at a route from one root to another, and what serde has not read
//! back.

use std::any::{Any, TypeId};

use super::erased::{By, Contents, Entries, ValueRef};
use super::route::{Hop, Route};
use crate::error::{Absent, PathError};
use crate::path::shape::{Kind, Noted, Reading, Shape, ShapeField};

/// Exchanges what `route` leads to in `target` and in `source`, where it is there. What
/// serde leaves out stays where it was. A key that the last map in `target` has not is
/// inserted; says whether that was so.
///
/// Runs none of the user's code but `Hash`, `Eq`, `Ord`, `Clone` and the drop of keys.
pub(crate) fn exchange(
    route: &Route,
    root: &'static Shape,
    target: &mut dyn Any,
    source: &mut dyn Any,
    path: &str,
) -> Result<bool, PathError> {
    let Some((last, way)) = route.hops.split_last() else {
        return swap(root, target, source, path).map(|()| false);
    };
    let (mut target, mut source) = (target, source);
    for hop in way {
        target = stepped(hop, target).ok_or_else(|| lost(hop, path))?;
        source = stepped(hop, source).ok_or_else(|| lost(hop, path))?;
    }
    if let Hop::Entry { entries, key, .. } = last
        && let By::Key { transfer, .. } = entries.by
        && (entries.step)(ValueRef::Ref(target), &**key).is_none()
    {
        transfer(target, source, &**key);
        return Ok(true);
    }
    let target = stepped(last, target).ok_or_else(|| lost(last, path))?;
    let source = stepped(last, source).ok_or_else(|| lost(last, path))?;
    swap(route.shape, target, source, path).map(|()| false)
}

fn stepped<'a>(hop: &Hop, from: &'a mut dyn Any) -> Option<&'a mut dyn Any> {
    mutable(hop.step(ValueRef::Mut(from)))
}

fn mutable(reach: Option<ValueRef<'_>>) -> Option<&mut dyn Any> {
    match reach? {
        ValueRef::Mut(value) => Some(value),
        ValueRef::Ref(_) => None,
    }
}

/// Why a step that could be made a moment ago leads nowhere.
fn lost(hop: &Hop, path: &str) -> PathError {
    let path = path.to_owned();
    match hop {
        Hop::Inside(_) => PathError::Shared { path },
        Hop::Field { .. } | Hop::Variant { .. } | Hop::Entry { .. } => Absent { path }.into(),
    }
}

fn swap(
    shape: &'static Shape,
    target: &mut dyn Any,
    source: &mut dyn Any,
    path: &str,
) -> Result<(), PathError> {
    let Some(typed) = &shape.typed else {
        return Err(Absent { path: path.to_owned() }.into());
    };
    if keeps(shape, &mut Vec::new()) {
        keep(shape, target, source);
    }
    (typed.exchange)(target, source);
    Ok(())
}

/// Whether serde leaves out anything at or below a value of this shape, apart from the
/// types that were `seen`.
fn keeps(shape: &'static Shape, seen: &mut Vec<TypeId>) -> bool {
    if let Some(typed) = shape.typed {
        if typed.keep.is_some() {
            return true;
        }
        if seen.contains(&typed.id) {
            return false;
        }
        seen.push(typed.id);
    }
    let below = match shape.contents {
        Contents::Nothing => None,
        Contents::Inside(inside) => Some((inside.shape)()),
        Contents::Entries(entries) => Some((entries.shape)()),
    };
    shape.fields.iter().map(|field| field.shape).chain(below).any(|shape| keeps(shape, seen))
}

/// Exchanges what serde leaves out of `a` and `b`, at every depth where both have the
/// same place.
fn keep(shape: &'static Shape, a: &mut dyn Any, b: &mut dyn Any) {
    if let Some(keep) = shape.typed.and_then(|typed| typed.keep) {
        keep(a, b);
    }
    for (index, field) in places(shape) {
        let is_kept = field.skipped || shape.note(Noted::Place(index)).reading == Reading::Never;
        if !is_kept {
            let step = |value| (shape.part)(ValueRef::Mut(value), index);
            both(field.shape, step(a), step(b));
        }
    }
    match shape.contents {
        Contents::Nothing => {}
        Contents::Inside(inside) => {
            both(
                (inside.shape)(),
                (inside.step)(ValueRef::Mut(a)),
                (inside.step)(ValueRef::Mut(b)),
            );
        }
        Contents::Entries(entries) => match entries.by {
            By::Index { len } => {
                for index in 0..len(a).min(len(b)) {
                    keep_entry(entries, a, b, &index);
                }
            }
            By::Key { keys, own, .. } => {
                let mut known = Vec::new();
                keys(b, &mut |key| known.extend(own(key)));
                for key in known {
                    keep_entry(entries, a, b, &*key);
                }
            }
        },
    }
}

/// The places of a type, over all variants of an enum, as `State::__part` counts them.
fn places(shape: &'static Shape) -> impl Iterator<Item = (usize, &'static ShapeField)> {
    let is_enum = shape.kind == Kind::Enum;
    let of_variants = shape.fields.iter().filter(move |_| is_enum);
    let of_variants = of_variants.flat_map(|variant| variant.shape.fields);
    of_variants.chain(shape.fields.iter().filter(move |_| !is_enum)).enumerate()
}

fn keep_entry(entries: Entries, a: &mut dyn Any, b: &mut dyn Any, key: &dyn Any) {
    let (a, b) = ((entries.step)(ValueRef::Mut(a), key), (entries.step)(ValueRef::Mut(b), key));
    both((entries.shape)(), a, b);
}

fn both(shape: &'static Shape, a: Option<ValueRef<'_>>, b: Option<ValueRef<'_>>) {
    if let (Some(a), Some(b)) = (mutable(a), mutable(b)) {
        keep(shape, a, b);
    }
}
