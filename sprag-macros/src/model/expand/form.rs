//! `State::__FORM`: the parts of a type's JSON form that its shape does not state, and the
//! rights of browsers. A type without such parts has none.

use proc_macro2::TokenStream;
use quote::quote;

use super::Cx;
use crate::model::ast::Style;
use crate::model::attr::doc_text;
use crate::model::browser::Browser;
use crate::model::item::{FieldRole, ItemKind, ModelField, ModelVariant};

/// The form of a type with paths of its own.
pub(super) fn of_tree(cx: &Cx<'_>) -> Option<TokenStream> {
    let mut parts = FormParts::default();
    match &cx.item.kind {
        ItemKind::Struct(body) => {
            parts.members.push(style_of_struct(body.style, &body.fields));
            parts.add_fields(&body.fields, 0);
            constant(cx, parts, &[])
        }
        ItemKind::Enum(variants) => {
            for (index, variant) in variants.iter().enumerate() {
                parts.add_fields(&variant.fields, index);
            }
            constant(cx, parts, variants)
        }
        ItemKind::Nothing | ItemKind::Leaf(_) => None,
    }
}

/// The form of a type that is one opaque value.
pub(super) fn of_leaf(cx: &Cx<'_>, variants: &[ModelVariant]) -> Option<TokenStream> {
    constant(cx, FormParts::default(), variants)
}

/// The pieces of a form that the fields have.
#[derive(Default)]
struct FormParts {
    members: Vec<Option<TokenStream>>,
    places: Vec<TokenStream>,
    others: Vec<TokenStream>,
    /// How many places came before.
    count: usize,
}

impl FormParts {
    fn add_fields(&mut self, fields: &[ModelField], variant: usize) {
        for field in fields {
            if field.role != FieldRole::Skipped {
                self.places.extend(place(field, self.count));
                self.count += 1;
            } else if !field.skipped_by_serde {
                self.others.push(other(field, variant));
            }
        }
    }
}

/// The form of the place of this number, where the place is not ordinary.
fn place(field: &ModelField, index: usize) -> Option<TokenStream> {
    let (Browser { right, ts, has_default }, left_out) = (&field.browser, &field.left_out_if);
    if right.is_none() && ts.is_none() && !has_default && left_out.is_none() {
        return None;
    }
    let traits = traits(field);
    Some(quote!(__sprag::PlaceForm { of: #index, traits: #traits }))
}

/// A field that serde writes and that is not a place.
fn other(field: &ModelField, variant: usize) -> TokenStream {
    let (name, traits) = (field.wire.as_ref().unwrap_or(&field.text), traits(field));
    let doc = doc_text(&field.docs);
    quote!(__sprag::OtherForm { name: #name, variant: #variant, traits: #traits, doc: #doc })
}

fn traits(field: &ModelField) -> TokenStream {
    let Browser { right, ts, has_default } = &field.browser;
    let (right, ts) =
        (option(right.map(|right| quote!(__sprag::Right::#right))), text(ts.as_ref()));
    let left_out = field.left_out_if.is_some();
    quote! {
        __sprag::FieldForm {
            right: #right,
            ts: #ts,
            is_left_out: #left_out,
            has_default: #has_default,
        }
    }
}

fn constant(cx: &Cx<'_>, parts: FormParts, variants: &[ModelVariant]) -> Option<TokenStream> {
    let item = cx.item;
    let FormParts { mut members, places, others, .. } = parts;
    let Browser { right, ts, has_default } = &item.browser;
    members.push(right.map(|right| {
        let right = option(Some(quote!(__sprag::Right::#right)));
        quote!(right: #right)
    }));
    members.push(ts.as_ref().map(|ts| quote!(ts: #ts)));
    members.push(has_default.then(|| quote!(has_default: true)));
    members.push(item.tag.as_ref().map(|tag| {
        let name = &item.wire;
        quote!(tag: #tag, name: #name)
    }));
    members.push(item.converted.then(|| quote!(is_converted: true)));
    members.push((!places.is_empty()).then(|| quote!(places: &[#(#places),*])));
    members.push((!others.is_empty()).then(|| quote!(others: &[#(#others),*])));
    let variants = variants.iter().map(variant);
    let variants: Vec<TokenStream> = variants.collect();
    members.push((!variants.is_empty()).then(|| quote!(variants: &[#(#variants),*])));
    let members: Vec<TokenStream> = members.into_iter().flatten().collect();
    (!members.is_empty()).then(|| {
        quote! {
            const __FORM: &'static __sprag::WireForm =
                &__sprag::WireForm { #(#members,)* ..__sprag::WireForm::PLAIN };
        }
    })
}

fn variant(variant: &ModelVariant) -> TokenStream {
    let name = variant.wire.as_ref().unwrap_or(&variant.text);
    let (doc, skipped) = (doc_text(&variant.docs), variant.skipped_by_serde);
    let (untagged, custom) = (variant.untagged, variant.custom);
    let style = style(variant.style, &variant.fields);
    quote! {
        __sprag::VariantForm {
            name: #name,
            style: __sprag::WireStyle::#style,
            is_skipped: #skipped,
            is_untagged: #untagged,
            is_custom: #custom,
            doc: #doc,
        }
    }
}

/// How serde writes the fields of a struct, where that is not by name.
fn style_of_struct(written: Style, fields: &[ModelField]) -> Option<TokenStream> {
    let style = style(written, fields);
    (written != Style::Named)
        .then(|| quote!(style: ::core::option::Option::Some(__sprag::WireStyle::#style)))
}

fn style(style: Style, fields: &[ModelField]) -> TokenStream {
    match (style, fields) {
        (Style::Named, _) => quote!(Named),
        (Style::Unit, _) => quote!(Unit),
        (Style::Tuple, [_]) => quote!(Newtype),
        (Style::Tuple, _) => quote!(Tuple),
    }
}

fn option(value: Option<TokenStream>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

fn text(text: Option<&String>) -> &str {
    text.map_or("", String::as_str)
}
