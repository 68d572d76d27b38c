//! [`Hops`]: the steps of a typed walk.

use std::any::Any;
use std::sync::Arc;

use super::erased::{AnyKey, Contents, Entries};
use super::held_key::HeldKey;
use super::hop::Hop;
use super::trace::{Keys, Tracer, WalkTrace};
use crate::path::shape::{Kind, Shape, ShapeField, locate, part_at};

/// Collects the hops of a typed walk.
#[doc(hidden)]
#[expect(missing_debug_implementations, reason = "hidden")]
pub struct Hops {
    pub(crate) hops: Vec<Hop>,
    /// The shape of the value that the hops lead to.
    shape: Option<&'static Shape>,
    /// Whether the walk leads to a value that no shape describes, a part of a leaf. The
    /// hops then end at the leaf.
    is_closed: bool,
    collects: Collects,
}

/// The parts of a walk that are collected.
enum Collects {
    Hops,
    /// The trace in place of the hops, and the keys that are scalars.
    Trace(Tracer),
    Keys(Keys),
}

impl Hops {
    /// Without the texts of keys, whose `Serialize` must not run under a lock;
    /// [`with_texts`](super::with_texts) adds them.
    pub(crate) fn without_texts() -> Self {
        Self { hops: Vec::new(), shape: None, is_closed: false, collects: Collects::Hops }
    }

    /// The trace of a walk, once [`trace`](Self::trace) has followed one.
    pub(crate) fn tracer() -> Self {
        Self { collects: Collects::Trace(Tracer::default()), ..Self::without_texts() }
    }

    /// Traces the walk that `follow` passes on. Returns whether it has the trace of the walk
    /// before.
    pub(crate) fn trace(&mut self, follow: impl FnOnce(&mut Self)) -> bool {
        if let Collects::Trace(tracer) = &mut self.collects {
            tracer.begin();
        }
        follow(self);
        match &mut self.collects {
            Collects::Trace(tracer) => tracer.end(),
            _ => false,
        }
    }

    /// The trace of the last walk.
    pub(crate) fn traced(&self) -> Option<&WalkTrace> {
        match &self.collects {
            Collects::Trace(tracer) => Some(tracer.trace()),
            _ => None,
        }
    }

    /// Appends the keys of the last walk that was traced, unless one of them is not a
    /// scalar. Returns whether they are appended.
    #[inline]
    pub(crate) fn put_traced_keys(&self, keys: &mut Keys) -> bool {
        match &self.collects {
            Collects::Trace(tracer) => tracer.put_keys(keys),
            _ => false,
        }
    }

    /// The keys of the walk that `follow` passes on.
    pub(crate) fn keys(follow: impl FnOnce(&mut Self)) -> Keys {
        let mut hops = Self { collects: Collects::Keys(Keys::new()), ..Self::without_texts() };
        follow(&mut hops);
        match hops.collects {
            Collects::Keys(keys) => keys,
            _ => Keys::new(),
        }
    }

    /// After some hops.
    pub(crate) fn along(hops: Vec<Hop>) -> Self {
        Self { hops, ..Self::without_texts() }
    }

    /// Whether the hops end at a value around the place, since no shape knows the rest of
    /// the way.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// The contents of the value that the hops lead to.
    pub(crate) fn contents(&self) -> Contents {
        self.shape.map_or(Contents::Nothing, |shape| shape.contents)
    }

    /// To the node `id` of a tree of the given shape.
    #[inline]
    pub(crate) fn node(&mut self, shape: &'static Shape, id: u32) {
        match &mut self.collects {
            Collects::Hops => self.node_hops(shape, id),
            Collects::Trace(tracer) => tracer.node(id),
            Collects::Keys(_) => {}
        }
    }

    fn node_hops(&mut self, shape: &'static Shape, id: u32) {
        if self.is_closed {
            return;
        }
        self.shape = Some(shape);
        if let Some((field, below)) = hops_to(shape, id, &mut self.hops) {
            self.node_hops(field.shape, below);
        }
    }

    /// Into an `Option`.
    pub(in crate::path) fn inner(&mut self) {
        match &mut self.collects {
            Collects::Hops => {}
            Collects::Trace(tracer) => return tracer.inner(),
            Collects::Keys(_) => return,
        }
        match self.shape {
            Some(shape) if shape.kind == Kind::Option => self.node(shape, 1),
            _ => self.is_closed = true,
        }
    }

    /// Into a box.
    pub(in crate::path) fn inside(&mut self) {
        match &mut self.collects {
            Collects::Hops => {}
            Collects::Trace(tracer) => return tracer.inside(),
            Collects::Keys(_) => return,
        }
        match self.contents() {
            Contents::Inside(inside) => self.step(Hop::Inside(inside)),
            _ => self.is_closed = true,
        }
    }

    /// To an entry.
    pub(crate) fn entry(&mut self, key: AnyKey) {
        match &mut self.collects {
            Collects::Hops => {
                if let Some(entries) = self.entries() {
                    self.enter(entries, key);
                }
            }
            Collects::Trace(tracer) => tracer.entry_of(|| key),
            Collects::Keys(keys) => keys.push(HeldKey::Shared(key)),
        }
    }

    /// To an entry whose key has this type.
    #[inline]
    pub(in crate::path) fn entry_of<K: Any + Send + Sync>(&mut self, key: impl FnOnce() -> K) {
        match &mut self.collects {
            Collects::Hops => {
                if let Some(entries) = self.entries() {
                    self.enter(entries, Arc::new(key()));
                }
            }
            Collects::Trace(tracer) => tracer.entry_of(key),
            Collects::Keys(keys) => keys.push(HeldKey::of(key())),
        }
    }

    /// The entries of the collection here; ends the hops where there is none.
    fn entries(&mut self) -> Option<&'static Entries> {
        match self.contents() {
            Contents::Entries(entries) => Some(entries),
            _ => {
                self.is_closed = true;
                None
            }
        }
    }

    fn enter(&mut self, entries: &'static Entries, key: AnyKey) {
        self.step(Hop::Entry { entries, key, text: None });
    }

    fn step(&mut self, hop: Hop) {
        if !self.is_closed {
            self.shape = Some(hop.shape());
            self.hops.push(hop);
        }
    }
}

/// Appends the steps from a value of the shape `owner` to the field in which node `id` is.
/// Returns the field, and the node counted from there; `None` for the owner itself and
/// behind a variant that ends the way.
fn hops_to(
    owner: &'static Shape,
    id: u32,
    hops: &mut Vec<Hop>,
) -> Option<(&'static ShapeField, u32)> {
    let (index, below) = locate(owner.fields, id)?;
    let field = &owner.fields[index];
    if owner.kind != Kind::Enum {
        hops.push(Hop::Field { owner, index, field });
        return Some((field, below));
    }
    hops.push(Hop::Variant { owner, index, field });
    let Some(part) = part_at(owner.kind, owner.fields, id) else {
        return Some((field, below));
    };
    hops.push(Hop::Field { owner, index: part.index, field: part.field });
    Some((part.field, part.below))
}
