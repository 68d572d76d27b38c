//! Moves the parts that serde skips from the old value to the new one where both values are
//! known to be the same thing: the same field, the same key, or an element of a list that
//! is equal in everything that serde shows.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::Arc;

use crate::path::{
    Abled, By, Contents, Entries, Hop, Kind, Noted, Reading, Route, Shape, ShapeField, Write,
    Writing, follow,
};

/// The positions of two values that exchange the parts that serde omits: one in the old
/// value, one in the new.
pub(crate) struct KeptValue {
    pub(crate) old: Route,
    pub(crate) new: Route,
    pub(crate) exchange: fn(&mut dyn Any, &mut dyn Any),
}

/// Exchanges the value at a place of this shape with `value`. The kept parts move from the
/// old value to the new one, and back while the old value is at the place; `is_made` says
/// that the new one is at the place.
pub(crate) fn exchange(
    shape: &'static Shape,
    kept: &[KeptValue],
    is_made: &mut bool,
    place: &mut dyn Any,
    value: &mut dyn Any,
) {
    let Some(vtable) = shape.typed else { return };
    if *is_made {
        (vtable.exchange)(place, value);
        exchange_kept(kept, place, value);
    } else {
        exchange_kept(kept, place, value);
        (vtable.exchange)(place, value);
    }
    *is_made = !*is_made;
}

fn exchange_kept(kept: &[KeptValue], old_value: &mut dyn Any, new_value: &mut dyn Any) {
    for KeptValue { old, new, exchange } in kept {
        if let Some((old, new)) = old.get_mut(old_value).zip(new.get_mut(new_value)) {
            exchange(old, new);
        }
    }
}

/// The positions of values inside `old` and `new`, both of the shape of a place, that
/// exchange the parts that serde omits. Elements of lists are serialised for a comparison.
pub(crate) fn kept(
    shape: &'static Shape,
    abled: Abled,
    old: &dyn Any,
    new: &dyn Any,
) -> KeptValues {
    let mut search = KeptSearch { old, new, found: KeptValues::default() };
    if keeps(shape, &mut Vec::new()) {
        search.place(shape, abled, &mut Vec::new(), &mut Vec::new());
    }
    search.found
}

/// The result of [`kept`].
#[derive(Default)]
pub(crate) struct KeptValues {
    pub(crate) values: Vec<KeptValue>,
    /// Whether elements of lists were compared, so that the old value must not have
    /// changed since.
    pub(crate) compares_lists: bool,
}

/// Whether serde leaves out anything at or below a value of this shape.
pub(super) fn is_partial(shape: &'static Shape) -> bool {
    keeps(shape, &mut Vec::new())
}

/// The same, apart from the types in `seen`.
fn keeps(shape: &'static Shape, seen: &mut Vec<TypeId>) -> bool {
    if let Some(vtable) = shape.typed {
        if vtable.keep.is_some() {
            return true;
        }
        if seen.contains(&vtable.id) {
            return false;
        }
        seen.push(vtable.id);
    }
    let contents = match shape.contents {
        Contents::Nothing => None,
        Contents::Inside(inside) => Some((inside.shape)()),
        Contents::Entries(entries) => Some((entries.shape)()),
    };
    shape.fields.iter().map(|field| field.shape).chain(contents).any(|shape| keeps(shape, seen))
}

struct KeptSearch<'a> {
    old: &'a dyn Any,
    new: &'a dyn Any,
    found: KeptValues,
}

impl KeptSearch<'_> {
    /// The way `old` leads to the old value, `new` to the new one.
    fn place(
        &mut self,
        shape: &'static Shape,
        abled: Abled,
        old: &mut Vec<Hop>,
        new: &mut Vec<Hop>,
    ) {
        if let Some(exchange) = shape.typed.and_then(|vtable| vtable.keep) {
            let route = |hops: &[Hop]| Route { hops: hops.to_vec(), shape };
            self.found.values.push(KeptValue { old: route(old), new: route(new), exchange });
        }
        for (index, field) in places(shape) {
            let reading = shape.note(Noted::Place(index)).reading;
            if !field.skipped && reading != Reading::Never {
                let hop = Hop::Field { owner: shape, index, field };
                self.step(field.shape, abled, old, new, &hop, &hop);
            }
        }
        match shape.contents {
            Contents::Nothing => {}
            Contents::Inside(inside) => {
                let hop = Hop::Inside(inside);
                self.step((inside.shape)(), abled, old, new, &hop, &hop);
            }
            Contents::Entries(entries) => self.entries(entries, abled, old, new),
        }
    }

    fn step(
        &mut self,
        shape: &'static Shape,
        abled: Abled,
        old: &mut Vec<Hop>,
        new: &mut Vec<Hop>,
        in_old: &Hop,
        in_new: &Hop,
    ) {
        old.push(in_old.clone());
        new.push(in_new.clone());
        if follow(self.old, old).is_some() && follow(self.new, new).is_some() {
            self.place(shape, abled.step(in_old), old, new);
        }
        old.pop();
        new.pop();
    }

    fn entries(
        &mut self,
        entries: &'static Entries,
        abled: Abled,
        old: &mut Vec<Hop>,
        new: &mut Vec<Hop>,
    ) {
        let shape = (entries.shape)();
        if !keeps(shape, &mut Vec::new()) {
            return;
        }
        let both = follow(self.old, old).zip(follow(self.new, new));
        let Some((old_value, new_value)) = both else { return };
        match entries.by {
            By::Key { keys, own, .. } => {
                let mut known = Vec::new();
                keys(new_value, &mut |key| known.extend(own(key)));
                for key in known {
                    let hop = Hop::Entry { entries, key, text: None };
                    self.step(shape, abled, old, new, &hop, &hop);
                }
            }
            By::Index { len, .. } => {
                self.found.compares_lists = true;
                let item = abled.step(&element(entries, 0)).abilities().write;
                let Some(write) = item else { return };
                let texts = |list| texts(entries, list, len(list), write);
                for (of_old, of_new) in pairs(&texts(old_value), &texts(new_value)) {
                    let (in_old, in_new) = (element(entries, of_old), element(entries, of_new));
                    self.step(shape, abled, old, new, &in_old, &in_new);
                }
            }
        }
    }
}

fn element(entries: &'static Entries, index: usize) -> Hop {
    Hop::Entry { entries, key: Arc::new(index), text: None }
}

/// The serde form of each element.
fn texts(
    entries: &'static Entries,
    list: &dyn Any,
    len: usize,
    write: Write,
) -> Vec<Option<String>> {
    let text = |index| {
        let hop = element(entries, index);
        let value = follow(list, std::slice::from_ref(&hop))?;
        serde_json::to_string(&Writing { value, write }).ok()
    };
    (0..len).map(text).collect()
}

/// Old and new elements that are equal, each once, in order. A text that occurs several
/// times in one list and not as often in the other does not identify an element.
fn pairs(old: &[Option<String>], new: &[Option<String>]) -> Vec<(usize, usize)> {
    let by_text = |texts: &[Option<String>]| {
        let mut found: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, text) in texts.iter().enumerate() {
            if let Some(text) = text {
                found.entry(text.clone()).or_default().push(index);
            }
        }
        found
    };
    let (old, new) = (by_text(old), by_text(new));
    let same = old.into_iter().filter_map(|(text, old)| Some((old, new.get(&text)?.clone())));
    let same = same.filter(|(old, new)| old.len() == new.len());
    same.flat_map(|(old, new)| old.into_iter().zip(new)).collect()
}

/// The places of a type, over all variants of an enum, as `State::__part` counts them.
fn places(shape: &'static Shape) -> impl Iterator<Item = (usize, &'static ShapeField)> {
    let is_enum = shape.kind == Kind::Enum;
    let of_variants = shape.fields.iter().filter(move |_| is_enum);
    let of_variants = of_variants.flat_map(|variant| variant.shape.fields);
    of_variants.chain(shape.fields.iter().filter(move |_| !is_enum)).enumerate()
}
