//! [`Description`]: a type's places as data.

use std::any::TypeId;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::path::{By, Contents, Entries, Kind, Noted, Shape, ShapeField, State};

/// A place and the places below it, as data for an inspector.
///
/// A description omits the fields that serde omits. The members of flattened fields are
/// among the members of their owner, and an `Option` or a box has the children of its
/// content, as in the text of paths.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Description {
    /// The name in a path's text; empty for the root, `*` for any entry of a collection.
    pub name: &'static str,
    /// The kind of the value.
    pub kind: Kind,
    /// The Rust name of the type; empty for a variant, which has no type.
    pub type_name: &'static str,
    /// The documentation: the field's, or else the type's.
    pub doc: &'static str,
    /// Whether the children are left out, because the type is one of those that contain the
    /// value.
    pub recursive: bool,
    /// The places below: fields, variants, or one description for all entries.
    pub children: Vec<Self>,
}

impl Description {
    /// The description of a `T`.
    pub(super) fn of<T: State>() -> Self {
        Drawing::default().place("", "", T::__SHAPE)
    }
}

/// The types around the current one.
#[derive(Default)]
struct Drawing {
    around: Vec<TypeId>,
}

impl Drawing {
    fn place(
        &mut self,
        name: &'static str,
        doc: &'static str,
        shape: &'static Shape,
    ) -> Description {
        let typed = shape.typed;
        let mut description = Description {
            name,
            kind: shape.kind,
            type_name: typed.map_or("", |typed| (typed.name)()),
            doc: if doc.is_empty() { typed.map_or("", |typed| typed.doc) } else { doc },
            recursive: false,
            children: Vec::new(),
        };
        let id = typed.map(|typed| typed.id);
        if id.is_some_and(|id| self.around.contains(&id)) {
            description.recursive = true;
            return description;
        }
        self.around.extend(id);
        self.fill(&mut description, shape);
        self.around.truncate(self.around.len() - usize::from(id.is_some()));
        description
    }

    fn fill(&mut self, description: &mut Description, shape: &'static Shape) {
        match shape.contents {
            Contents::Nothing if shape.kind == Kind::Variant => {}
            Contents::Nothing if shape.kind == Kind::Option => {
                self.adopt(description, shape.fields[0].shape);
            }
            Contents::Nothing if shape.kind == Kind::Enum => self.variants(description, shape),
            Contents::Nothing => self.fields(description, shape, shape.fields, 0),
            Contents::Inside(inside) => {
                let inner = self.adopt(description, (inside.shape)());
                description.kind = inner;
            }
            Contents::Entries(Entries { members: Some(members), .. }) => {
                description.children.push(self.place("*", "", (members.shape)()));
            }
            Contents::Entries(entries) => {
                let kind = match entries.by {
                    By::Index { .. } => Kind::List,
                    By::Key { .. } => Kind::Map,
                };
                description.kind = kind;
                description.children.push(self.place("*", "", (entries.shape)()));
            }
        }
    }

    fn variants(&mut self, description: &mut Description, shape: &'static Shape) {
        let mut before = 0;
        for (index, variant) in shape.fields.iter().enumerate() {
            let fields = variant.shape.fields;
            if !variant.skipped {
                let doc = shape.note(Noted::Variant(index)).doc;
                let mut drawn = self.place(variant.name, doc, variant.shape);
                self.fields(&mut drawn, shape, fields, before);
                description.children.push(drawn);
            }
            before += fields.len();
        }
    }

    /// Draws `fields` of a type or of one of its variants; other variants have the first
    /// `before` places.
    fn fields(
        &mut self,
        description: &mut Description,
        shape: &'static Shape,
        fields: &'static [ShapeField],
        before: usize,
    ) {
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| !field.skipped) {
            let doc = shape.note(Noted::Place(before + index)).doc;
            let inner = self.place(field.name, doc, field.shape);
            if field.name.is_empty() {
                description.children.extend(inner.children);
                description.recursive |= inner.recursive;
            } else {
                description.children.push(inner);
            }
        }
    }

    /// Sets the children of `description` to those of its content; returns the kind of the
    /// content.
    fn adopt(&mut self, description: &mut Description, shape: &'static Shape) -> Kind {
        let inner = self.place("", "", shape);
        description.children = inner.children;
        description.recursive = inner.recursive;
        if description.doc.is_empty() {
            description.doc = inner.doc;
        }
        inner.kind
    }
}

impl Serialize for Description {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, kind, type_name, doc, recursive, children } = self;
        let mut out = serializer.serialize_struct("Description", 6)?;
        out.serialize_field("name", name)?;
        out.serialize_field("kind", kind.name())?;
        out.serialize_field("type_name", type_name)?;
        out.serialize_field("doc", doc)?;
        out.serialize_field("recursive", recursive)?;
        out.serialize_field("children", children)?;
        out.end()
    }
}
