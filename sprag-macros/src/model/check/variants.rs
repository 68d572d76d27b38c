//! The rules for the variants of an enum: under which names they and their paths are known.

use std::collections::HashMap;

use proc_macro2::Ident;

use super::fields::{FieldContext, named};
use crate::errors::Errors;
use crate::model::ast::ParsedVariant;
use crate::model::attr::{VariantOptions, docs, plain};
use crate::model::item::{FieldRole, ModelVariant};
use crate::model::serde_attr::SerdeField;
use crate::snake::snake;
use crate::tokens::generated_span;

impl FieldContext<'_> {
    pub(super) fn variants(&self, variants: &[ParsedVariant]) -> Vec<ModelVariant> {
        let variants = variants.iter().map(|variant| self.variant(variant)).collect();
        distinct(variants, self.errors)
    }

    fn variant(&self, variant: &ParsedVariant) -> ModelVariant {
        let VariantOptions { rename } = VariantOptions::read(&variant.attrs, self.errors);
        named(&variant.attrs, self.errors);
        let serde = SerdeField::read(&variant.attrs);
        let name = plain(&variant.ident);
        let of_serde = serde
            .rename
            .or_else(|| self.serde_item.rename_all.written.map(|case| case.of_variant(&name)));
        let wire = of_serde.clone().unwrap_or_else(|| name.clone());
        let text = rename.map(|rename| rename.value()).or(of_serde).unwrap_or_else(|| snake(&name));
        let rename_all = serde.rename_all.or(self.serde_item.rename_all_fields);
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
            fields: self.fields(&variant.fields, rename_all),
        }
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
