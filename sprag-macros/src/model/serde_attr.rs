//! The serde attributes of an item, as far as a path's text follows them.
//!
//! Serde reports mistakes in its attributes; this module skips attributes that it cannot
//! read.

use proc_macro2::TokenStream;
use syn::{Attribute, LitStr, Path};

use super::case::Case;
use super::item::SerdeTagging;
use crate::options::{Opt, OptValue, foreign_options, nested_options};

/// The serde options of a struct or an enum.
#[derive(Default)]
pub(crate) struct SerdeItem {
    pub(crate) rename_all: Cases,
    pub(crate) rename_all_fields: Cases,
    pub(crate) transparent: bool,
    /// Whether fields that are not given get values.
    pub(crate) default: bool,
    /// The name in the JSON, if an attribute sets one.
    pub(crate) rename: Option<String>,
    pub(crate) tag: Option<String>,
    content: Option<String>,
    untagged: bool,
    /// Whether a value of another type is written in its place.
    pub(crate) converted: bool,
}

/// The cases in which serde writes and reads names.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cases {
    pub(crate) written: Option<Case>,
    pub(crate) read: Option<Case>,
}

impl Cases {
    /// These, and where one is missing that of `other`.
    pub(crate) fn or(self, other: Self) -> Self {
        Self { written: self.written.or(other.written), read: self.read.or(other.read) }
    }

    /// Takes in an option, which may be of one direction alone.
    fn take_in(&mut self, option: &Opt) {
        let case = |direction| part(option, direction).and_then(|text| Case::parse(&text));
        *self = Self { written: case("serialize"), read: case("deserialize") }.or(*self);
    }
}

/// The serde options of a field or a variant.
#[derive(Default)]
pub(crate) struct SerdeField {
    /// The name that it is written under.
    pub(crate) rename: Option<String>,
    /// The name that it is read under.
    pub(crate) read_name: Option<String>,
    /// Further names that it is read under.
    pub(crate) aliases: Vec<String>,
    pub(crate) rename_all: Cases,
    /// Whether it is not written.
    pub(crate) skip: bool,
    /// Whether it is not read.
    pub(crate) unread: bool,
    pub(crate) flatten: bool,
    /// Whether it gets a value where none is given.
    pub(crate) default: bool,
    /// Whether the variant is written without a tag.
    pub(crate) untagged: bool,
    /// The function that says with which values it is not written.
    pub(crate) left_out_if: Option<Path>,
    /// The module or type that writes and reads it.
    pub(crate) with: Option<Path>,
    pub(crate) serialize_with: Option<Path>,
    pub(crate) deserialize_with: Option<Path>,
}

impl SerdeItem {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut wishes = Self::default();
        for option in serde_options(attrs) {
            match option.text().as_str() {
                "rename_all" => wishes.rename_all.take_in(&option),
                "rename_all_fields" => wishes.rename_all_fields.take_in(&option),
                "transparent" => wishes.transparent = true,
                "default" => wishes.default = true,
                "rename" => wishes.rename = serialized(&option),
                "tag" => wishes.tag = serialized(&option),
                "content" => wishes.content = serialized(&option),
                "untagged" => wishes.untagged = true,
                "into" | "remote" => wishes.converted = true,
                _ => {}
            }
        }
        wishes
    }

    /// Whether the serde form does not identify the variant.
    pub(crate) fn is_untagged(&self) -> bool {
        self.untagged
    }

    pub(crate) fn tagging(&self) -> SerdeTagging {
        match &self.content {
            Some(content) => SerdeTagging::Adjacent(content.clone()),
            None if self.untagged => SerdeTagging::Untagged,
            None if self.tag.is_some() => SerdeTagging::Internal,
            None => SerdeTagging::External,
        }
    }
}

impl SerdeField {
    pub(crate) fn read(attrs: &[Attribute]) -> Self {
        let mut wishes = Self::default();
        for option in serde_options(attrs) {
            match option.text().as_str() {
                "rename" => {
                    wishes.rename = serialized(&option).or(wishes.rename);
                    wishes.read_name = part(&option, "deserialize").or(wishes.read_name);
                }
                "alias" => wishes.aliases.extend(serialized(&option)),
                "rename_all" => wishes.rename_all.take_in(&option),
                "with" => wishes.with = path(&option),
                "serialize_with" => wishes.serialize_with = path(&option),
                "deserialize_with" => wishes.deserialize_with = path(&option),
                "skip" => (wishes.skip, wishes.unread) = (true, true),
                "skip_serializing" => wishes.skip = true,
                "skip_deserializing" => wishes.unread = true,
                "flatten" => wishes.flatten = true,
                "default" => wishes.default = true,
                "untagged" => wishes.untagged = true,
                "skip_serializing_if" => wishes.left_out_if = path(&option),
                _ => {}
            }
        }
        wishes
    }
}

fn serde_options(attrs: &[Attribute]) -> impl Iterator<Item = Opt> {
    attrs.iter().filter(|attr| attr.path().is_ident("serde")).flat_map(foreign_options)
}

/// The path in `with = "path"`.
fn path(option: &Opt) -> Option<Path> {
    match &option.value {
        OptValue::Equals(text) => syn::parse2::<LitStr>(text.clone()).ok()?.parse().ok(),
        _ => None,
    }
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
