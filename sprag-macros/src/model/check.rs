//! The rules: which items can be a model, and which options contradict each other. Every
//! mistake is reported, and the rest of the item is still expanded.

use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned as _;
use syn::{Attribute, GenericParam, Generics, Index, Member, Type};

use super::ast::{self, Body, Input, Style};
use super::attr::{FieldOptions, TypeOptions, VariantOptions, allows, doc_text, docs, plain};
use super::browser::Surroundings;
use super::case::Case;
use super::item::{Custom, FieldRole, Function, Item, ItemKind, ModelField, ModelVariant, Struct};
use super::owned::{OwnedTypes, owned_generics};
use super::serde_attr::{Cases, SerdeField, SerdeItem, serialized};
use super::types::{TypeProblem, problem};
use crate::errors::Errors;
use crate::options::foreign_options;
use crate::snake::snake;
use crate::tokens::{generated, generated_span};

pub(crate) fn check(input: Input, errors: &Errors) -> Item {
    let mut options = TypeOptions::read(&input.attrs, errors);
    let serde = SerdeItem::read(&input.attrs);
    let browser = std::mem::take(&mut options.browser).of_type(&serde, errors);
    let generics = owned_generics(input.generics.clone(), errors);
    let mut ident = input.ident.clone();
    ident.set_span(generated_span(ident.span()));
    let self_ty = self_type(&ident, &input.generics);
    let types = OwnedTypes::new(&input.generics, &self_ty);
    let kind = kind(&input, &options, &types, errors);
    let krate = options.krate.as_ref().map_or_else(|| quote!(::sprag), ToTokens::to_token_stream);
    Item {
        vis: generated(&input.vis),
        generics: types.generics(generics),
        krate,
        allows: attrs(&input).into_iter().flat_map(allows).collect(),
        deprecated: attrs(&input).into_iter().flatten().any(|a| a.path().is_ident("deprecated")),
        doc: doc_text(&input.attrs),
        tagging: serde.tagging(),
        wire: serde.rename.unwrap_or_else(|| plain(&input.ident)),
        tag: serde.tag,
        browser,
        paths: options.paths.clone(),
        converted: serde.converted,
        kind,
        words: input.words,
        ident,
        self_ty,
    }
}

/// The attributes of the item and of all of its parts.
fn attrs(input: &Input) -> Vec<&[Attribute]> {
    let mut attrs: Vec<&[Attribute]> = vec![&input.attrs];
    match &input.body {
        Body::Struct(fields) => attrs.extend(fields.list.iter().map(|field| &field.attrs[..])),
        Body::Enum(variants) => {
            for variant in variants {
                attrs.push(&variant.attrs);
                attrs.extend(variant.fields.list.iter().map(|field| &field.attrs[..]));
            }
        }
        Body::Union(_) => {}
    }
    attrs
}

fn kind(input: &Input, options: &TypeOptions, types: &OwnedTypes<'_>, errors: &Errors) -> ItemKind {
    let TypeOptions { leaf, krate: _, paths, patch, no_patch, patch_derive, browser: _ } = options;
    let serde = SerdeItem::read(&input.attrs);
    let has_patch = matches!(&input.body, Body::Struct(fields) if fields.style == Style::Named);
    let of_patch = [
        ("patch", patch.as_ref().map(Ident::span)),
        ("no_patch", *no_patch),
        ("patch_derive", patch_derive.as_ref().map(|derive| derive.span)),
    ];
    for (name, span) in of_patch {
        let Some(span) = span else { continue };
        if leaf.is_some() || !has_patch {
            let message = format!("only a struct with named fields has a patch; remove `{name}`");
            errors.at_span(span, message);
        } else if no_patch.is_some() && name != "no_patch" {
            let message = format!("the type has no patch; remove `{name}` or `no_patch`");
            errors.at_span(span, message);
        }
    }
    if let (Some(paths), true) = (paths, leaf.is_some()) {
        let message = "a type that is a leaf has no paths of its own; remove `paths` or `leaf`";
        errors.at(paths, message);
    }
    if let Some(packed) = packed(&input.attrs) {
        let message = "a field of a packed struct cannot be borrowed, so no path leads to it; \
                       remove `packed`";
        errors.at_span(packed, message);
        return ItemKind::Leaf(Vec::new());
    }
    if is_unsized(input, errors) {
        return ItemKind::Nothing;
    }
    let serde_item = &serde;
    let fields = |fields: &ast::FieldList, rename_all: Cases| {
        let whole_is_leaf = leaf.is_some();
        let item = &input.ident;
        let context = FieldContext { item, types, rename_all, serde_item, whole_is_leaf, errors };
        distinct_texts(context.fields(fields), errors)
    };
    let kind = match &input.body {
        Body::Struct(body) => ItemKind::Struct(Struct {
            style: body.style,
            fields: fields(body, serde.rename_all),
            has_patch: has_patch && no_patch.is_none(),
            patch_name: patch.clone(),
            patch_derive: patch_derive
                .as_ref()
                .map(|patch| patch.traits.clone())
                .unwrap_or_default(),
        }),
        Body::Enum(body) => {
            let variant = |variant| self::variant(variant, &serde, &fields, errors);
            let variants: Vec<ModelVariant> = body.iter().map(variant).collect();
            let variants = distinct(variants, errors);
            let places = variants.iter().flat_map(|variant| &variant.fields);
            let has_places = places.into_iter().any(|field| field.role != FieldRole::Skipped);
            if has_places { ItemKind::Enum(variants) } else { ItemKind::Leaf(variants) }
        }
        Body::Union(union) => {
            let message = "a union does not record its active field; use an enum";
            errors.at(union, message);
            ItemKind::Leaf(Vec::new())
        }
    };
    match kind {
        ItemKind::Enum(variants) if leaf.is_some() => ItemKind::Leaf(variants),
        ItemKind::Struct(_) if leaf.is_some() => ItemKind::Leaf(Vec::new()),
        kind => kind,
    }
}

fn packed(attrs: &[Attribute]) -> Option<Span> {
    let reprs = attrs.iter().filter(|attr| attr.path().is_ident("repr"));
    reprs.flat_map(foreign_options).find(|option| option.name == "packed").map(|o| o.span())
}

fn variant(
    variant: &ast::ParsedVariant,
    serde_item: &SerdeItem,
    fields: &impl Fn(&ast::FieldList, Cases) -> Vec<ModelField>,
    errors: &Errors,
) -> ModelVariant {
    let VariantOptions { rename } = VariantOptions::read(&variant.attrs, errors);
    named(&variant.attrs, errors);
    let serde = SerdeField::read(&variant.attrs);
    let name = plain(&variant.ident);
    let of_serde =
        serde.rename.or_else(|| serde_item.rename_all.written.map(|case| case.of_variant(&name)));
    let wire = of_serde.clone().unwrap_or_else(|| name.clone());
    let text = rename.map(|rename| rename.value()).or(of_serde).unwrap_or_else(|| snake(&name));
    let rename_all = serde.rename_all.or(serde_item.rename_all_fields);
    ModelVariant {
        ident: variant.ident.clone(),
        place: place_of_variant(&variant.ident),
        wire: (wire != text).then_some(wire),
        text,
        skipped_by_serde: serde.skip,
        untagged: serde.untagged,
        custom: serde.with.or(serde.serialize_with).or(serde.deserialize_with).is_some(),
        docs: docs(&variant.attrs),
        style: variant.fields.style,
        fields: fields(&variant.fields, rename_all),
    }
}

/// The variant's name in snake case, raw where that is a keyword.
fn place_of_variant(ident: &Ident) -> Ident {
    let name = snake(&plain(ident));
    let span = generated_span(ident.span());
    match name.as_str() {
        // The only keywords that cannot be raw.
        "self" | "super" | "crate" => Ident::new(&format!("{name}_"), span),
        // A keyword since edition 2024, which the parser takes for a name.
        "gen" => Ident::new_raw(&name, span),
        _ if syn::parse_str::<Ident>(&name).is_ok() => Ident::new(&name, span),
        _ => Ident::new_raw(&name, span),
    }
}

/// Two variants of one name in snake case would be one field of the paths; no path leads
/// into the second. A variant with the name `PATHS` would shadow the paths.
fn distinct(mut variants: Vec<ModelVariant>, errors: &Errors) -> Vec<ModelVariant> {
    let mut seen: HashMap<Ident, Ident> = HashMap::new();
    for variant in &mut variants {
        if variant.ident == "PATHS" {
            let message = "a variant called `PATHS` would hide the enum's paths; rename it";
            errors.at(&variant.ident, message);
        }
        let Some(first) = seen.get(&variant.place) else {
            seen.insert(variant.place.clone(), variant.ident.clone());
            continue;
        };
        let (place, ident) = (&variant.place, &variant.ident);
        // The second of two `Playing` is the compiler's to report.
        if first != ident {
            let message = format!(
                "the paths of `{first}` and `{ident}` would both be called `{place}`; rename one"
            );
            errors.at(ident, message);
        }
        for field in &mut variant.fields {
            field.role = FieldRole::Skipped;
        }
    }
    variants
}

/// Refuses an empty name from serde: the path's text would be that of the owner.
fn named(attrs: &[Attribute], errors: &Errors) {
    let serde = attrs.iter().filter(|attr| attr.path().is_ident("serde"));
    for option in serde.flat_map(foreign_options).filter(|option| option.name == "rename") {
        if serialized(&option).is_some_and(|name| name.is_empty()) {
            let message = "a path's text needs a name for it; write one, or remove `rename`";
            errors.at(&option.name, message);
        }
    }
}

/// The common context of the fields of one struct or variant.
struct FieldContext<'a> {
    item: &'a Ident,
    types: &'a OwnedTypes<'a>,
    rename_all: Cases,
    serde_item: &'a SerdeItem,
    whole_is_leaf: bool,
    errors: &'a Errors,
}

impl FieldContext<'_> {
    fn fields(&self, fields: &ast::FieldList) -> Vec<ModelField> {
        let mut found: Vec<ModelField> =
            fields.list.iter().enumerate().map(|(i, field)| self.field(i, field)).collect();
        if fields.style == Style::Tuple {
            number_in_json(&mut found);
        }
        found
    }

    fn field(&self, index: usize, field: &syn::Field) -> ModelField {
        let mut options = FieldOptions::read(&field.attrs, self.errors);
        named(&field.attrs, self.errors);
        let role = self.possible(self.role(&options), &field.ty);
        let serde = SerdeField::read(&field.attrs);
        let surroundings = Surroundings {
            serde: &serde,
            item: self.serde_item,
            is_skipped: options.skip.is_some(),
            is_named: field.ident.is_some(),
        };
        let browser = std::mem::take(&mut options.browser);
        let browser = browser.of_field(&surroundings, self.errors);
        let transparent = self.serde_item.transparent;
        let name = field.ident.as_ref().map_or_else(|| index.to_string(), plain);
        let own = options.rename.map(|rename| rename.value());
        let in_case = |case: Option<Case>| {
            case.filter(|_| field.ident.is_some()).map(|case| case.of_field(&name))
        };
        let known = serde
            .flatten
            .then(String::new)
            .or(serde.rename)
            .or_else(|| in_case(self.rename_all.written))
            .unwrap_or_else(|| name.clone());
        let read = serde.read_name.or_else(|| in_case(self.rename_all.read));
        let read = if serde.flatten { String::new() } else { read.unwrap_or(name) };
        let two_names = read != known && !transparent && field.ident.is_some();
        let mut aliases = serde.aliases;
        aliases.extend(two_names.then_some(read));
        let wire = if transparent { String::new() } else { known.clone() };
        let text = own.unwrap_or(known);
        let (member, place) = members(index, field);
        ModelField {
            role,
            member,
            place,
            vis: generated(&field.vis),
            ty: self.types.owned(field.ty.clone()),
            wire: (wire != text).then_some(wire),
            text,
            skipped_by_serde: serde.skip,
            flattened: serde
                .flatten
                .then(|| field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span)),
            two_names,
            unread: serde.skip || serde.unread,
            aliases,
            custom: custom(serde.with, serde.serialize_with, serde.deserialize_with),
            left_out_if: serde.left_out_if,
            browser,
            docs: docs(&field.attrs),
        }
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

/// Reports the fields whose types have no size, and says whether the item has none.
fn is_unsized(input: &Input, errors: &Errors) -> bool {
    let mut found = false;
    for ty in field_types(&input.body) {
        match problem(ty, &input.ident) {
            Some(TypeProblem::Unsized(message)) => errors.at(ty, message),
            Some(TypeProblem::Endless) => {}
            _ => continue,
        }
        found = true;
    }
    found
}

fn field_types(body: &Body) -> Vec<&Type> {
    match body {
        Body::Struct(fields) => fields.list.iter().map(|field| &field.ty).collect(),
        Body::Enum(variants) => {
            let fields = variants.iter().flat_map(|variant| &variant.fields.list);
            fields.map(|field| &field.ty).collect()
        }
        Body::Union(_) => Vec::new(),
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

/// `Tv`, `Page::<T>`: a spelling that serves as type and in expressions.
fn self_type(ident: &Ident, generics: &Generics) -> TokenStream {
    let argument = |param: &GenericParam| match param {
        GenericParam::Lifetime(_) => quote!('static),
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Const(param) => param.ident.to_token_stream(),
    };
    let arguments: Vec<TokenStream> = generics.params.iter().map(argument).collect();
    if arguments.is_empty() { quote!(#ident) } else { quote!(#ident::<#(#arguments),*>) }
}
