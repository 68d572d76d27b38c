//! What serde is told about an item, as far as a path's text follows it.
//!
//! Serde reports what is wrong with its attributes; here, what cannot be read is
//! passed over.

use proc_macro2::TokenStream;
use syn::{Attribute, LitStr};

use super::case::Case;
use crate::options::{Opt, OptValue, foreign_options, nested_options};

/// Serde's wishes for a struct or an enum.
#[derive(Default)]
pub(crate) struct SerdeItem {
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
}

/// Serde's wishes for a field or a variant.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    pub(crate) skip: bool,
    pub(crate) flatten: bool,
}

impl SerdeItem {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut wishes = Self::default();
        for option in serde_options(attrs) {
            match option.text().as_str() {
                "rename_all" => wishes.rename_all = case(&option),
                "rename_all_fields" => wishes.rename_all_fields = case(&option),
                _ => {}
            }
        }
        wishes
    }
}

impl SerdeField {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut wishes = Self::default();
        for option in serde_options(attrs) {
            match option.text().as_str() {
                "rename" => wishes.rename = serialized(&option),
                "rename_all" => wishes.rename_all = case(&option),
                "skip" | "skip_serializing" => wishes.skip = true,
                "flatten" => wishes.flatten = true,
                _ => {}
            }
        }
        wishes
    }
}

fn serde_options(attrs: &[Attribute]) -> impl Iterator<Item = Opt> {
    attrs.iter().filter(|attr| attr.path().is_ident("serde")).flat_map(foreign_options)
}

fn case(option: &Opt) -> Option<Case> {
    serialized(option).and_then(|text| Case::parse(&text))
}

/// The text in `rename = "x"` and in `rename(serialize = "x", …)`.
fn serialized(option: &Opt) -> Option<String> {
    match &option.value {
        OptValue::Equals(text) => string(text),
        OptValue::List(list) => {
            let serialize = |option: &Opt| match &option.value {
                OptValue::Equals(text) if option.name == "serialize" => string(text),
                _ => None,
            };
            nested_options(list.clone()).iter().find_map(serialize)
        }
        OptValue::None => None,
    }
}

fn string(tokens: &TokenStream) -> Option<String> {
    syn::parse2::<LitStr>(tokens.clone()).ok().map(|text| text.value())
}
