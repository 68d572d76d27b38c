//! The item after all checks, for which the expansion writes impls.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Generics, Member, Type};

use super::ast::Style;
use super::browser::Browser;

pub(crate) struct Item {
    /// Marked as generated, as is every token here but the types.
    pub(crate) vis: TokenStream,
    pub(crate) ident: Ident,
    /// Without lifetimes, and without `Self`.
    pub(crate) generics: Generics,
    /// The type with its arguments: `Tv`, `Page::<T>`.
    pub(crate) self_ty: TokenStream,
    /// `::sprag`, or the path in `crate = …`.
    pub(crate) krate: TokenStream,
    /// The user's own `#[allow(…)]`s.
    pub(crate) allows: Vec<Attribute>,
    /// Whether something in it is deprecated, which the impls use nevertheless.
    pub(crate) deprecated: bool,
    /// The user's documentation of it, as text.
    pub(crate) doc: String,
    pub(crate) tagging: SerdeTagging,
    /// The member that names the variant, or a struct.
    pub(crate) tag: Option<String>,
    /// The name of the type that such a member has.
    pub(crate) wire: String,
    pub(crate) browser: Browser,
    /// The name that the paths get, where it is not `TvPaths`.
    pub(crate) paths: Option<Ident>,
    /// Whether serde writes a value of another type in its place.
    pub(crate) converted: bool,
    pub(crate) kind: ItemKind,
    /// Every word of the item, which our names keep clear of.
    pub(crate) words: HashSet<String>,
}

pub(crate) enum ItemKind {
    /// Nothing: it can be no model.
    Nothing,
    /// One opaque value; of an enum without places, its variants.
    Leaf(Vec<ModelVariant>),
    Struct(Struct),
    Enum(Vec<ModelVariant>),
}

pub(crate) struct Struct {
    pub(crate) style: Style,
    pub(crate) fields: Vec<ModelField>,
    /// Whether a patch is generated.
    pub(crate) has_patch: bool,
    /// The name that the patch gets, where it is not `TvPatch`.
    pub(crate) patch_name: Option<Ident>,
    /// The traits that the patch derives.
    pub(crate) patch_derive: Vec<syn::Path>,
}

pub(crate) struct ModelVariant {
    pub(crate) ident: Ident,
    /// The field of the enum's paths: the name in snake case.
    pub(crate) place: Ident,
    /// The name in a path's text.
    pub(crate) text: String,
    /// The name that serde writes, where that is not `text`.
    pub(crate) wire: Option<String>,
    pub(crate) skipped_by_serde: bool,
    /// Whether serde writes it without a tag.
    pub(crate) untagged: bool,
    /// Whether functions of the user's write or read it.
    pub(crate) custom: bool,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) style: Style,
    pub(crate) fields: Vec<ModelField>,
}

pub(crate) struct ModelField {
    pub(crate) role: FieldRole,
    /// As the user wrote it: `self.member` reaches it.
    pub(crate) member: Member,
    /// The member, marked as generated.
    pub(crate) place: Member,
    pub(crate) vis: TokenStream,
    /// Without lifetimes, and without `Self`.
    pub(crate) ty: Type,
    /// The name in a path's text; empty for a flattened field.
    pub(crate) text: String,
    /// The member with the field's value in the JSON, if its name is not `text`; empty for
    /// a field without a member of its own.
    pub(crate) wire: Option<String>,
    pub(crate) skipped_by_serde: bool,
    /// Its name, where serde flattens it.
    pub(crate) flattened: Option<Span>,
    /// Whether serde reads it under another name than it writes it under.
    pub(crate) two_names: bool,
    /// Whether a value that serde has read lacks it.
    pub(crate) unread: bool,
    /// Further names under which serde reads it.
    pub(crate) aliases: Vec<String>,
    /// The functions with which serde writes and reads the field, in place of its type.
    pub(crate) custom: Option<Custom>,
    /// The function that says with which values serde does not write it.
    pub(crate) left_out_if: Option<syn::Path>,
    /// The access of browsers to the field, and the type that they see.
    pub(crate) browser: Browser,
    /// The user's `#[doc]`s and `#[deprecated]`.
    pub(crate) docs: Vec<Attribute>,
}

/// The functions with which serde writes and reads a field, in place of its type.
pub(crate) struct Custom {
    pub(crate) write: Option<Function>,
    pub(crate) read: Option<Function>,
}

/// A function of the user's.
pub(crate) enum Function {
    /// In a module that may lack it.
    OfModule(syn::Path),
    /// Associated with a type.
    OfType(syn::Path),
    Path(syn::Path),
}

/// How serde marks the active variant of an enum.
pub(crate) enum SerdeTagging {
    External,
    Internal,
    Untagged,
    /// Beside the member of this name, which holds the content.
    Adjacent(String),
}

/// The role of a field in the paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FieldRole {
    /// The root of a tree of its own type.
    Node,
    /// One opaque value.
    Leaf,
    /// Nothing.
    Skipped,
}
