//! What serde is told about an item, as far as a path's text follows it.
//!
//! Serde reports what is wrong with its attributes; here, what cannot be read is
//! passed over.

use proc_macro2::TokenStream;
use syn::{Attribute, LitStr};

use super::case::Case;
use super::item::Tagging;
use crate::options::{Opt, OptValue, foreign_options, nested_options};

/// Serde's wishes for a struct or an enum.
#[derive(Default)]
pub(crate) struct SerdeItem {
    pub(crate) rename_all: Option<Case>,
    pub(crate) rename_all_fields: Option<Case>,
    pub(crate) transparent: bool,
    tag: bool,
    content: Option<String>,
    untagged: bool,
}

/// Serde's wishes for a field or a variant.
#[derive(Default)]
pub(crate) struct SerdeField {
    pub(crate) rename: Option<String>,
    pub(crate) rename_all: Option<Case>,
    /// Whether it is not written.
    pub(crate) skip: bool,
    /// Whether it is not read.
    pub(crate) unread: bool,
    /// Whether it is read under another name than it is written under.
    pub(crate) two_names: bool,
    pub(crate) flatten: bool,
}

impl SerdeItem {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut wishes = Self::default();
        for option in serde_options(attrs) {
            match option.text().as_str() {
                "rename_all" => wishes.rename_all = case(&option),
                "rename_all_fields" => wishes.rename_all_fields = case(&option),
                "transparent" => wishes.transparent = true,
                "tag" => wishes.tag = true,
                "content" => wishes.content = serialized(&option),
                "untagged" => wishes.untagged = true,
                _ => {}
            }
        }
        wishes
    }

    pub(crate) fn tagging(&self) -> Tagging {
        match &self.content {
            Some(content) => Tagging::Adjacent(content.clone()),
            None if self.untagged => Tagging::Untagged,
            None if self.tag => Tagging::Internal,
            None => Tagging::External,
        }
    }
}

impl SerdeField {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut wishes = Self::default();
        for option in serde_options(attrs) {
            match option.text().as_str() {
                "rename" => {
                    wishes.rename = serialized(&option);
                    wishes.two_names = wishes.rename != part(&option, "deserialize");
                }
                "rename_all" => wishes.rename_all = case(&option),
                "skip" => (wishes.skip, wishes.unread) = (true, true),
                "skip_serializing" => wishes.skip = true,
                "skip_deserializing" => wishes.unread = true,
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
pub(super) fn serialized(option: &Opt) -> Option<String> {
    part(option, "serialize")
}

fn part(option: &Opt, part: &str) -> Option<String> {
    match &option.value {
        OptValue::Equals(text) => string(text),
        OptValue::List(list) => {
            let named = |option: &Opt| match &option.value {
                OptValue::Equals(text) if option.name == part => string(text),
                _ => None,
            };
            nested_options(list.clone()).iter().find_map(named)
        }
        OptValue::None => None,
    }
}

fn string(tokens: &TokenStream) -> Option<String> {
    syn::parse2::<LitStr>(tokens.clone()).ok().map(|text| text.value())
}
