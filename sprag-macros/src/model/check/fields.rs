//! The rules for fields: which is a place, and under which names.

use std::collections::HashMap;

use proc_macro2::Ident;
use quote::ToTokens;
use syn::spanned::Spanned as _;
use syn::{Attribute, Index, Member, Type};

use crate::errors::Errors;
use crate::model::ast::{FieldList, Style};
use crate::model::attr::{FieldOptions, docs, plain};
use crate::model::browser::{Browser, Surroundings};
use crate::model::case::Case;
use crate::model::item::{Custom, FieldRole, Function, ModelField};
use crate::model::owned::OwnedTypes;
use crate::model::serde_attr::{Cases, SerdeField, SerdeItem, serialized};
use crate::model::types::{TypeProblem, problem};
use crate::options::foreign_options;
use crate::tokens::{generated, generated_span};

/// The common context of the fields of one item.
pub(super) struct FieldContext<'a> {
    pub(super) item: &'a Ident,
    pub(super) types: &'a OwnedTypes<'a>,
    pub(super) serde_item: &'a SerdeItem,
    pub(super) whole_is_leaf: bool,
    pub(super) errors: &'a Errors,
}

/// The names of a field.
struct FieldNames {
    /// In a path's text.
    text: String,
    /// In what serde writes, where that is another one.
    wire: Option<String>,
    /// Whether serde reads the field under another name than it writes.
    two_names: bool,
    /// Further names under which serde reads the field.
    aliases: Vec<String>,
}

impl FieldContext<'_> {
    /// The fields of a struct or a variant.
    pub(super) fn fields(&self, fields: &FieldList, rename_all: Cases) -> Vec<ModelField> {
        let field = |(index, field)| self.field(index, field, rename_all);
        let mut found: Vec<ModelField> = fields.list.iter().enumerate().map(field).collect();
        if fields.style == Style::Tuple {
            number_in_json(&mut found);
        }
        distinct_texts(found, self.errors)
    }

    fn field(&self, index: usize, field: &syn::Field, rename_all: Cases) -> ModelField {
        let mut options = FieldOptions::read(&field.attrs, self.errors);
        named(&field.attrs, self.errors);
        let role = self.possible(self.role(&options), &field.ty);
        let mut serde = SerdeField::read(&field.attrs);
        let browser = self.browser(field, &mut options, &serde);
        let own = options.rename.map(|rename| rename.value());
        let FieldNames { text, wire, two_names, aliases } =
            self.names(index, field, rename_all, own, &mut serde);
        let (member, place) = members(index, field);
        let span = || field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span);
        ModelField {
            role,
            member,
            place,
            vis: generated(&field.vis),
            ty: self.types.owned(field.ty.clone()),
            wire,
            text,
            skipped_by_serde: serde.skip,
            flattened: serde.flatten.then(span),
            two_names,
            unread: serde.skip || serde.unread,
            aliases,
            custom: custom(serde.with, serde.serialize_with, serde.deserialize_with),
            left_out_if: serde.left_out_if,
            browser,
            docs: docs(&field.attrs),
        }
    }

    fn browser(
        &self,
        field: &syn::Field,
        options: &mut FieldOptions,
        serde: &SerdeField,
    ) -> Browser {
        let surroundings = Surroundings {
            serde,
            item: self.serde_item,
            is_skipped: options.skip.is_some(),
            is_named: field.ident.is_some(),
        };
        std::mem::take(&mut options.browser).of_field(&surroundings, self.errors)
    }

    fn names(
        &self,
        index: usize,
        field: &syn::Field,
        rename_all: Cases,
        own: Option<String>,
        serde: &mut SerdeField,
    ) -> FieldNames {
        let is_named = field.ident.is_some();
        let transparent = self.serde_item.transparent;
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), plain);
        let in_case =
            |case: Option<Case>| case.filter(|_| is_named).map(|case| case.of_field(&name));
        let known = serde
            .flatten
            .then(String::new)
            .or(serde.rename.take())
            .or_else(|| in_case(rename_all.written))
            .unwrap_or_else(|| name.clone());
        let read = serde.read_name.take().or_else(|| in_case(rename_all.read));
        let read = if serde.flatten { String::new() } else { read.unwrap_or(name) };
        let two_names = read != known && !transparent && is_named;
        let mut aliases = std::mem::take(&mut serde.aliases);
        aliases.extend(two_names.then_some(read));
        let wire = if transparent { String::new() } else { known.clone() };
        let text = own.unwrap_or(known);
        FieldNames { wire: (wire != text).then_some(wire), text, two_names, aliases }
    }

    fn role(&self, options: &FieldOptions) -> FieldRole {
        let FieldOptions { leaf, skip, rename, browser } = options;
        let rename = rename.as_ref().map(syn::LitStr::span);
        if self.whole_is_leaf {
            let browser = browser.spans();
            for span in [*leaf, *skip, rename].into_iter().chain(browser).flatten() {
                let message = "the whole type is a leaf, so no path leads to this field; remove \
                               this option, or the type's `leaf`";
                self.errors.at_span(span, message);
            }
            return FieldRole::Skipped;
        }
        if skip.is_some() {
            for (span, name) in [(*leaf, "leaf"), (rename, "rename")] {
                let Some(span) = span else { continue };
                let message = format!("a skipped field has no path; remove `{name}` or `skip`");
                self.errors.at_span(span, message);
            }
            return FieldRole::Skipped;
        }
        if leaf.is_some() { FieldRole::Leaf } else { FieldRole::Node }
    }

    /// The role that a field of type `ty` can have.
    fn possible(&self, role: FieldRole, ty: &Type) -> FieldRole {
        match problem(ty, self.item) {
            Some(TypeProblem::Opaque(message)) if role == FieldRole::Node => {
                self.errors.at(ty, message);
                FieldRole::Leaf
            }
            Some(TypeProblem::Reported) => FieldRole::Skipped,
            _ => role,
        }
    }
}

/// Refuses an empty name from serde: the path's text would be that of the owner.
pub(super) fn named(attrs: &[Attribute], errors: &Errors) {
    let serde = attrs.iter().filter(|attr| attr.path().is_ident("serde"));
    for option in serde.flat_map(foreign_options).filter(|option| option.name == "rename") {
        if serialized(&option).is_some_and(|name| name.is_empty()) {
            let message = "a path's text needs a name for it; write one, or remove `rename`";
            errors.at(&option.name, message);
        }
    }
}

/// A path's text could not distinguish two places of one name.
fn distinct_texts(mut fields: Vec<ModelField>, errors: &Errors) -> Vec<ModelField> {
    let mut seen: HashMap<String, Member> = HashMap::new();
    for field in &mut fields {
        if field.role == FieldRole::Skipped || field.skipped_by_serde || field.text.is_empty() {
            continue;
        }
        let Some(first) = seen.insert(field.text.clone(), field.member.clone()) else { continue };
        let (first, second) = (first.to_token_stream(), &field.member);
        let message = format!(
            "`{first}` and `{}` would both be called `{}` in a path's text; rename one",
            second.to_token_stream(),
            field.text
        );
        match second {
            Member::Named(name) => errors.at(name, message),
            Member::Unnamed(_) => errors.at(&field.ty, message),
        }
        // Reported is reported: no text leads there.
        field.skipped_by_serde = true;
    }
    fields
}

/// Serde writes the fields of a tuple as a list without those that it skips, and a
/// single one in the place of the whole.
fn number_in_json(fields: &mut [ModelField]) {
    let is_single = fields.len() == 1;
    let written = fields.iter_mut().filter(|field| !field.skipped_by_serde);
    for (index, field) in written.enumerate() {
        let wire = if is_single { String::new() } else { index.to_string() };
        field.wire = (wire != field.text).then_some(wire);
    }
}

/// The functions with which serde writes and reads a field.
fn custom(
    with: Option<syn::Path>,
    serialize_with: Option<syn::Path>,
    deserialize_with: Option<syn::Path>,
) -> Option<Custom> {
    let of_module = || with.clone().map(of_module);
    let write = serialize_with.map(Function::Path).or_else(of_module);
    let read = deserialize_with.map(Function::Path).or_else(of_module);
    (write.is_some() || read.is_some()).then_some(Custom { write, read })
}

/// `with = "…"` names a module, or a type, which is called as one.
fn of_module(path: syn::Path) -> Function {
    let last = path.segments.last();
    let is_type = last.is_some_and(|last| {
        !last.arguments.is_none() || last.ident.to_string().starts_with(char::is_uppercase)
    });
    if is_type { Function::OfType(path) } else { Function::OfModule(path) }
}

/// The field as the user's type has it, and as the paths have it.
fn members(index: usize, field: &syn::Field) -> (Member, Member) {
    match &field.ident {
        Some(ident) => {
            let mut place = ident.clone();
            place.set_span(generated_span(ident.span()));
            (Member::Named(ident.clone()), Member::Named(place))
        }
        None => (Member::Unnamed(Index::from(index)), Member::Unnamed(Index::from(index))),
    }
}
