//! [`Layout`]: the JSON form of a type, one level deep.

use super::{Schema, SchemaPart};
use crate::path::form::{FieldForm, WireStyle};
use crate::path::shape::{Kind, Noted, Shape, ShapeField, ShapeOf, Tagging, WireLayout};
use crate::path::text::erased::{By, Contents};
use crate::path::text::wire_of_field;

/// The JSON form of a [`Schema`], one level deep.
///
/// ```
/// # use sprag::prelude::*;
/// use sprag::path::{Layout, Schema, Tags};
///
/// #[derive(Model, Clone)]
/// enum Media {
///     Idle,
///     Playing { title: String },
/// }
///
/// let Layout::Enum { tags, variants } = Schema::of::<Media>().layout() else { panic!("an enum") };
/// assert_eq!(tags, Tags::External);
/// assert_eq!(variants[1].name, "Playing");
/// assert!(variants[0].content.is_none(), "`Idle` is written as a string");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Layout {
    /// One value, of the type that [`Schema::typescript`] names.
    Leaf,
    /// A value of unknown form: `serde(with)`, `into`, a leaf of a foreign type.
    Unknown,
    /// `null`: a unit struct.
    Null,
    /// The value of the `Option`, or `null`.
    Option(Schema),
    /// As another type: a newtype, or `transparent`.
    Same(Schema),
    /// An array of any length.
    List(Schema),
    /// An array of a fixed length.
    Array(Schema, usize),
    /// An array whose elements have no index: a set, whose members are places
    /// ([`Part::Member`](crate::path::Part::Member)), or a `LinkedList`, whose elements are
    /// not places.
    Set(Schema),
    /// An object with a member for each key.
    Map(Schema),
    /// An array of these, one after another.
    Tuple(Vec<Schema>),
    /// An object.
    Struct {
        /// The member with the name of the type, and that name.
        tag: Option<(&'static str, &'static str)>,
        /// The members.
        members: Vec<SchemaMember>,
        /// Values whose members are among the struct's own.
        flattened: Vec<Schema>,
    },
    /// One of several variants.
    Enum {
        /// How the JSON identifies the variant.
        tags: Tags,
        /// The variants that serde writes.
        variants: Vec<SchemaVariant>,
    },
}

/// A member of an object, see [`Layout::Struct`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SchemaMember {
    /// The member's name.
    pub name: &'static str,
    /// Further names under which serde reads it.
    pub aliases: &'static [&'static str],
    /// Whether serde omits the member for some values (`skip_serializing_if`).
    pub is_left_out: bool,
    /// Whether serde has a default for the member.
    pub has_default: bool,
    /// Whether a path leads to the member, unlike to a field with `#[model(skip)]`.
    pub is_place: bool,
    /// The value of the member.
    pub schema: Schema,
}

/// A variant of an enum, see [`Layout::Enum`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SchemaVariant {
    /// The variant's name.
    pub name: &'static str,
    /// The variant's documentation.
    pub doc: &'static str,
    /// Whether the variant is written without a tag, unlike others.
    pub is_untagged: bool,
    /// The content of the variant; `None` for a unit variant.
    pub content: Option<Schema>,
}

/// How the JSON of an enum identifies its variant, see [`Layout::Enum`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tags {
    /// By an object with the variant's name around the content, or by the name alone.
    External,
    /// This member, among those of the content, is the tag.
    Internal(&'static str),
    /// By two members.
    Adjacent {
        /// The member with the name of the variant.
        tag: &'static str,
        /// The member with the content.
        content: &'static str,
    },
    /// Not at all.
    Untagged,
}

impl Schema {
    /// Returns the JSON form, one level deep.
    pub fn layout(self) -> Layout {
        match self.part {
            _ if !self.ts.is_empty() => Layout::Leaf,
            SchemaPart::Unknown => Layout::Unknown,
            _ if self.is_opaque => Layout::Unknown,
            SchemaPart::Value(shape) if !shape.form.ts.is_empty() => Layout::Leaf,
            SchemaPart::Value(shape) => self.of_value(shape),
            SchemaPart::Variant(owner, index) => self.of_variant(owner, index),
        }
    }

    fn of_value(self, shape: &'static Shape) -> Layout {
        let inside = |shape: ShapeOf| self.inner(shape());
        let fields = LayoutFields { list: shape.fields, before: 0, variant: 0 };
        match (shape.layout, shape.contents, shape.kind) {
            (WireLayout::Tuple(parts), ..) => {
                Layout::Tuple(parts.iter().map(|part| inside(*part)).collect())
            }
            (WireLayout::Items(item) | WireLayout::Heap(item), ..) => Layout::Set(inside(item)),
            (WireLayout::Same(other), ..) => Layout::Same(inside(other)),
            (WireLayout::Members(members), ..) => self.named(members),
            (WireLayout::OneOf(variants), ..) => self.one_of(variants),
            (WireLayout::Array(count), Contents::Entries(entries), _) => {
                Layout::Array(inside(entries.shape), count)
            }
            (_, Contents::Entries(entries), _) => match entries.by {
                By::Index { .. } => Layout::List(inside(entries.shape)),
                By::Key { .. } => Layout::Map(inside(entries.shape)),
            },
            (_, _, Kind::Option) => Layout::Option(self.inner(shape.fields[0].shape)),
            (_, _, Kind::Struct) => {
                self.fields(shape, shape.form.style.unwrap_or(WireStyle::Named), fields)
            }
            _ if !shape.form.variants.is_empty() => self.variants(shape),
            _ => Layout::Unknown,
        }
    }

    /// A value without a name in this one.
    fn inner(self, shape: &'static Shape) -> Self {
        Self::below(shape, self.right)
    }

    fn named(self, members: &[(&'static str, ShapeOf)]) -> Layout {
        let member = |(name, shape): &(&'static str, ShapeOf)| SchemaMember {
            name,
            aliases: &[],
            is_left_out: false,
            has_default: false,
            is_place: false,
            schema: self.inner(shape()),
        };
        let members = members.iter().map(member).collect();
        Layout::Struct { tag: None, members, flattened: Vec::new() }
    }

    fn one_of(self, variants: &[(&'static str, Option<ShapeOf>)]) -> Layout {
        let variant = |(name, shape): &(&'static str, Option<ShapeOf>)| {
            let content = shape.map(|shape| self.inner(shape()));
            SchemaVariant { name, doc: "", is_untagged: false, content }
        };
        Layout::Enum { tags: Tags::External, variants: variants.iter().map(variant).collect() }
    }

    fn variants(self, shape: &'static Shape) -> Layout {
        let written = shape.form.variants.iter().enumerate().filter(|(_, form)| !form.is_skipped);
        let variants = written.map(|(index, form)| SchemaVariant {
            name: form.name,
            doc: form.doc,
            is_untagged: form.is_untagged,
            content: (form.style != WireStyle::Unit).then_some(Self {
                part: SchemaPart::Variant(shape, index),
                doc: form.doc,
                // A leaf keeps nothing of its variants' fields.
                is_opaque: form.is_custom || shape.kind == Kind::Leaf,
                ..self
            }),
        });
        Layout::Enum { tags: tags(shape), variants: variants.collect() }
    }

    /// The layout of a variant's content.
    fn of_variant(self, owner: &'static Shape, index: usize) -> Layout {
        let before = owner.fields[..index].iter().map(|variant| variant.shape.fields.len()).sum();
        let list = owner.fields[index].shape.fields;
        let style = owner.form.variants[index].style;
        self.fields(owner, style, LayoutFields { list, before, variant: index })
    }

    /// The layout of fields.
    fn fields(self, owner: &'static Shape, style: WireStyle, fields: LayoutFields) -> Layout {
        let mut found = self.members(owner, fields);
        match style {
            WireStyle::Unit => Layout::Null,
            WireStyle::Newtype => {
                found.members.pop().map_or(Layout::Null, |member| Layout::Same(member.schema))
            }
            // `transparent`: the member has no name.
            WireStyle::Named if matches!(&found.members[..], [only] if only.name.is_empty()) => {
                found.members.pop().map_or(Layout::Null, |member| Layout::Same(member.schema))
            }
            WireStyle::Tuple => {
                found.members.sort_by_key(|member| member.name.parse().unwrap_or(usize::MAX));
                Layout::Tuple(found.members.into_iter().map(|member| member.schema).collect())
            }
            WireStyle::Named => {
                let form = owner.form;
                let is_tagged = owner.kind == Kind::Struct && !form.tag.is_empty();
                let tag = is_tagged.then_some((form.tag, form.name));
                Layout::Struct { tag, members: found.members, flattened: found.flattened }
            }
        }
    }

    fn members(self, owner: &'static Shape, fields: LayoutFields) -> LayoutMembers {
        let mut found = LayoutMembers { members: Vec::new(), flattened: Vec::new() };
        for (index, field) in fields.list.iter().enumerate().filter(|(_, field)| !field.skipped) {
            let of = fields.before + index;
            let note = owner.note(Noted::Place(of));
            let special = owner.form.places.iter().find(|special| special.of == of);
            let form = special.map_or(FieldForm::PLAIN, |special| special.traits);
            let schema = Self::field(field.shape, self.right, form, &note);
            if note.flat {
                found.flattened.push(schema);
                continue;
            }
            found.members.push(SchemaMember {
                name: wire_of_field(&note, field).unwrap_or_default(),
                aliases: note.aliases,
                is_left_out: form.is_left_out,
                has_default: form.has_default || owner.form.has_default,
                is_place: true,
                schema,
            });
        }
        let others = owner.form.others.iter().filter(|other| other.variant == fields.variant);
        found.members.extend(others.map(|other| SchemaMember {
            name: other.name,
            aliases: &[],
            is_left_out: other.traits.is_left_out,
            has_default: other.traits.has_default || owner.form.has_default,
            is_place: false,
            schema: Self::unknown(self.right, other.traits, other.doc),
        }));
        found
    }
}

/// Fields of a struct, or of a variant.
#[derive(Clone, Copy)]
struct LayoutFields {
    list: &'static [ShapeField],
    /// How many places other variants have before.
    before: usize,
    /// The number of the variant.
    variant: usize,
}

/// The members of a list of fields.
struct LayoutMembers {
    members: Vec<SchemaMember>,
    flattened: Vec<Schema>,
}

/// How serde marks the active variant.
fn tags(shape: &'static Shape) -> Tags {
    let tag = shape.form.tag;
    match shape.tagging {
        Tagging::External if tag.is_empty() => Tags::External,
        // The shape of an enum without places has no tags.
        Tagging::External | Tagging::Internal => Tags::Internal(tag),
        Tagging::Untagged => Tags::Untagged,
        Tagging::Adjacent(content) => Tags::Adjacent { tag, content },
    }
}
