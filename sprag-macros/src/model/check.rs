//! The rules: which items can be a model, and which options contradict each other. Every
//! mistake is reported, and the rest of the item is still expanded.

mod fields;
mod variants;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, GenericParam, Generics, Type};

use self::fields::FieldContext;
use super::ast::{Body, Input, Style};
use super::attr::{TypeOptions, allows, doc_text, plain};
use super::item::{FieldRole, Item, ItemKind, Struct};
use super::owned::{OwnedTypes, owned_generics};
use super::serde_attr::SerdeItem;
use super::types::{TypeProblem, problem};
use crate::errors::Errors;
use crate::options::foreign_options;
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
    let kind = kind(&input, &options, &serde, &types, errors);
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

fn kind(
    input: &Input,
    options: &TypeOptions,
    serde: &SerdeItem,
    types: &OwnedTypes<'_>,
    errors: &Errors,
) -> ItemKind {
    patch_has_a_place(input, options, errors);
    let TypeOptions { leaf, krate: _, paths, patch: _, no_patch: _, patch_derive: _, browser: _ } =
        options;
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
    let whole_is_leaf = leaf.is_some();
    let context =
        FieldContext { item: &input.ident, types, serde_item: serde, whole_is_leaf, errors };
    match kind_of_body(&input.body, options, &context) {
        ItemKind::Enum(variants) if whole_is_leaf => ItemKind::Leaf(variants),
        ItemKind::Struct(_) if whole_is_leaf => ItemKind::Leaf(Vec::new()),
        kind => kind,
    }
}

/// Whether the body has named fields, which a patch names.
fn has_named_fields(body: &Body) -> bool {
    matches!(body, Body::Struct(fields) if fields.style == Style::Named)
}

/// Reports the options about a patch on a type that has none.
fn patch_has_a_place(input: &Input, options: &TypeOptions, errors: &Errors) {
    let TypeOptions { leaf, patch, no_patch, patch_derive, .. } = options;
    let of_patch = [
        ("patch", patch.as_ref().map(Ident::span)),
        ("no_patch", *no_patch),
        ("patch_derive", patch_derive.as_ref().map(|derive| derive.span)),
    ];
    for (name, span) in of_patch {
        let Some(span) = span else { continue };
        if leaf.is_some() || !has_named_fields(&input.body) {
            let message = format!("only a struct with named fields has a patch; remove `{name}`");
            errors.at_span(span, message);
        } else if no_patch.is_some() && name != "no_patch" {
            let message = format!("the type has no patch; remove `{name}` or `no_patch`");
            errors.at_span(span, message);
        }
    }
}

fn kind_of_body(body: &Body, options: &TypeOptions, context: &FieldContext<'_>) -> ItemKind {
    match body {
        Body::Struct(fields) => ItemKind::Struct(Struct {
            style: fields.style,
            fields: context.fields(fields, context.serde_item.rename_all),
            has_patch: has_named_fields(body) && options.no_patch.is_none(),
            patch_name: options.patch.clone(),
            patch_derive: options
                .patch_derive
                .as_ref()
                .map(|patch| patch.traits.clone())
                .unwrap_or_default(),
        }),
        Body::Enum(variants) => {
            let variants = context.variants(variants);
            let places = variants.iter().flat_map(|variant| &variant.fields);
            let has_places = places.into_iter().any(|field| field.role != FieldRole::Skipped);
            if has_places { ItemKind::Enum(variants) } else { ItemKind::Leaf(variants) }
        }
        Body::Union(union) => {
            let message = "a union does not record its active field; use an enum";
            context.errors.at(union, message);
            ItemKind::Leaf(Vec::new())
        }
    }
}

fn packed(attrs: &[Attribute]) -> Option<Span> {
    let reprs = attrs.iter().filter(|attr| attr.path().is_ident("repr"));
    reprs.flat_map(foreign_options).find(|option| option.name == "packed").map(|o| o.span())
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
