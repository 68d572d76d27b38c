//! [`Schema`]: the JSON form of a type, with the rights of browsers.
//!
//! A shape has the places of a type as paths name them; a schema has the members of its
//! JSON. A schema is computed step by step, on demand, so a type that contains itself has
//! one.

mod layout;
mod rights;

use std::any::TypeId;
use std::fmt;

pub use self::layout::{Layout, SchemaMember, SchemaVariant, Tags};
pub use self::rights::{Obstacle, Rights};
use super::form::{FieldForm, Right};
use super::shape::{Kind, Note, Shape};
use super::state::State;
use super::text::erased::Contents;

/// A type, or a part of one, in the form that serde writes: names, kinds, documentation and
/// the rights of browsers.
///
/// A schema follows serde's attributes: names are those in the JSON, flattened members are
/// separate, and skipped members are left out. Parts that browsers never see are present,
/// with [`Right::Never`].
///
/// A schema is `Copy` and computes its parts on demand; nothing is stored, and a program
/// without schemas pays nothing.
///
/// ```
/// # use sprag::prelude::*;
/// use sprag::path::{Address, Layout, Right, Schema};
///
/// #[derive(Model, Clone, Default)]
/// struct Tv {
///     /// In seconds.
///     position: u64,
///     #[model(browser = "write")]
///     volume: u8,
///     #[model(browser = "never")]
///     api_key: String,
/// }
///
/// let schema = Schema::of::<Tv>();
/// let Layout::Struct { members, .. } = schema.layout() else { panic!("a struct") };
/// assert_eq!((members[0].name, members[0].schema.doc()), ("position", "In seconds."));
///
/// let right = |place: &str| schema.rights(&Address::parse(place).unwrap()).unwrap().right();
/// assert_eq!(right("position"), Right::Read);
/// assert_eq!(right("volume"), Right::Write);
/// assert_eq!(right("api_key"), Right::Never);
/// ```
#[derive(Clone, Copy)]
pub struct Schema {
    part: SchemaPart,
    right: Right,
    /// The field's own documentation.
    doc: &'static str,
    /// The type in TypeScript that the field names.
    ts: &'static str,
    /// Whether the form in which the field is written is unknown.
    is_opaque: bool,
}

/// The subject of a schema.
#[derive(Clone, Copy)]
enum SchemaPart {
    Value(&'static Shape),
    /// The content of the variant of this number.
    Variant(&'static Shape, usize),
    /// A field that is not a place and whose type is unknown.
    Unknown,
}

impl Schema {
    /// The schema of a `T` as the root of a store, which browsers read.
    pub fn of<T: State>() -> Self {
        Self::below(T::__SHAPE, Right::Read)
    }

    /// The right of browsers at the place itself; [`rights`](Self::rights) also considers the
    /// places below.
    pub fn right(self) -> Right {
        self.right
    }

    /// The documentation: the field's, or else the type's.
    pub fn doc(self) -> &'static str {
        match self.part {
            _ if !self.doc.is_empty() => self.doc,
            SchemaPart::Value(shape) => shape.typed.map_or("", |typed| typed.doc),
            SchemaPart::Variant(..) | SchemaPart::Unknown => "",
        }
    }

    /// The documentation of the field alone; empty if there is none.
    pub fn own_doc(self) -> &'static str {
        self.doc
    }

    /// The documentation of the type alone.
    pub fn type_doc(self) -> &'static str {
        self.typed(|typed| typed.doc).unwrap_or_default()
    }

    /// The Rust name of the type; empty for a variant and for an unknown type.
    pub fn type_name(self) -> &'static str {
        self.typed(|typed| (typed.name)()).unwrap_or_default()
    }

    /// The id of the type; `None` for a variant and for an unknown type.
    pub fn type_id(self) -> Option<TypeId> {
        self.typed(|typed| typed.id)
    }

    /// The type in TypeScript, if `#[model(ts = "…")]` or the type itself names one.
    pub fn typescript(self) -> Option<&'static str> {
        let of_type = match self.part {
            SchemaPart::Value(shape) if !self.is_opaque => shape.form.ts,
            _ => "",
        };
        [self.ts, of_type].into_iter().find(|ts| !ts.is_empty())
    }

    fn typed<K>(self, read: impl FnOnce(super::text::erased::TypeVtable) -> K) -> Option<K> {
        match self.part {
            SchemaPart::Value(shape) => shape.typed.map(read),
            SchemaPart::Variant(..) | SchemaPart::Unknown => None,
        }
    }

    /// A value of this shape in a place with this right.
    fn below(mut shape: &'static Shape, right: Right) -> Self {
        // A box is written like its content.
        while let Contents::Inside(inside) = shape.contents {
            shape = (inside.shape)();
        }
        let own = shape.form.right.unwrap_or(right);
        Self {
            part: SchemaPart::Value(shape),
            right: if right == Right::Never { Right::Never } else { own },
            doc: "",
            ts: "",
            is_opaque: shape.form.is_converted,
        }
    }

    /// The value of a field in a place with this right.
    fn field(shape: &'static Shape, around: Right, form: FieldForm, note: &Note) -> Self {
        let inner = Self::below(shape, around);
        let right = match form.right {
            _ if around == Right::Never => Right::Never,
            Some(own) => own,
            None => inner.right,
        };
        let is_opaque = inner.is_opaque || note.custom;
        Self { right, doc: note.doc, ts: form.ts, is_opaque, ..inner }
    }

    /// A field that is not a place.
    fn unknown(around: Right, form: FieldForm, doc: &'static str) -> Self {
        let right = form.right.unwrap_or(around).min(around);
        Self { part: SchemaPart::Unknown, right, doc, ts: form.ts, is_opaque: true }
    }
}

impl Schema {
    fn kind(self) -> Kind {
        match self.part {
            SchemaPart::Value(shape) => shape.kind,
            SchemaPart::Variant(..) => Kind::Variant,
            SchemaPart::Unknown => Kind::Leaf,
        }
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind();
        f.debug_struct("Schema")
            .field("type_name", &self.type_name())
            .field("kind", &kind)
            .field("right", &self.right)
            .finish_non_exhaustive()
    }
}
