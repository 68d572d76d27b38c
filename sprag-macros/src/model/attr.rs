//! The options of `#[model(…)]`, the items that each is allowed on, and its requirements.

use proc_macro2::{Ident, Span};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{Attribute, LitStr, Path};

use super::browser::BrowserOptions;
use crate::errors::Errors;
use crate::options::{GivenOptions, Opt, OptValue, options, split};

/// Options of a type.
#[derive(Default)]
pub(crate) struct TypeOptions {
    pub(crate) leaf: Option<Span>,
    pub(crate) krate: Option<Path>,
    /// The name of the generated paths.
    pub(crate) paths: Option<Ident>,
    /// The name of the generated patch.
    pub(crate) patch: Option<Ident>,
    pub(crate) no_patch: Option<Span>,
    pub(crate) patch_derive: Option<PatchDerive>,
    pub(crate) browser: BrowserOptions,
}

pub(crate) struct PatchDerive {
    pub(crate) span: Span,
    pub(crate) traits: Vec<Path>,
}

/// Options of a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    pub(crate) leaf: Option<Span>,
    pub(crate) skip: Option<Span>,
    pub(crate) rename: Option<LitStr>,
    pub(crate) browser: BrowserOptions,
}

/// Options of a variant.
#[derive(Default)]
pub(crate) struct VariantOptions {
    pub(crate) rename: Option<LitStr>,
}

const TYPE: &[&str] =
    &["leaf", "crate", "paths", "patch", "no_patch", "patch_derive", "browser", "ts"];
const FIELD: &[&str] = &["leaf", "skip", "rename", "browser", "ts"];
const VARIANT: &[&str] = &["rename"];

impl TypeOptions {
    pub(crate) fn read(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut found = Self::default();
        for option in once_each(attrs, errors) {
            match option.text().as_str() {
                "leaf" => {
                    option.expect_plain(errors);
                    found.leaf = Some(option.span());
                }
                "crate" => found.krate = option.expect_path(errors),
                "paths" => found.paths = option.expect_equals(errors, "a name", "TvPlaces"),
                "patch" => found.patch = option.expect_equals(errors, "a name", "TvChanges"),
                "no_patch" => {
                    option.expect_plain(errors);
                    found.no_patch = Some(option.span());
                }
                "browser" => found.browser.read_right(&option, errors),
                "ts" => found.browser.read_ts(&option, errors),
                "patch_derive" => found.patch_derive = patch_derive(&option, errors),
                _ => strange(&option, errors, "a type", TYPE),
            }
        }
        found
    }
}

impl FieldOptions {
    pub(crate) fn read(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut found = Self::default();
        for option in once_each(attrs, errors) {
            match option.text().as_str() {
                "leaf" => {
                    option.expect_plain(errors);
                    found.leaf = Some(option.span());
                }
                "skip" => {
                    option.expect_plain(errors);
                    found.skip = Some(option.span());
                }
                "rename" => found.rename = rename(&option, errors),
                "browser" => found.browser.read_right(&option, errors),
                "ts" => found.browser.read_ts(&option, errors),
                _ => strange(&option, errors, "a field", FIELD),
            }
        }
        found
    }
}

impl VariantOptions {
    pub(crate) fn read(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut found = Self::default();
        for option in once_each(attrs, errors) {
            match option.text().as_str() {
                "rename" => found.rename = rename(&option, errors),
                _ => strange(&option, errors, "a variant", VARIANT),
            }
        }
        found
    }
}

/// The options in all `#[model(…)]` of one item, each name once.
fn once_each(attrs: &[Attribute], errors: &Errors) -> Vec<Opt> {
    let ours = attrs.iter().filter(|attr| attr.path().is_ident("model"));
    let options = ours.flat_map(|attr| options(attr, errors, "leaf"));
    let mut given = GivenOptions::default();
    options.filter(|option| given.is_first(option, errors)).collect()
}

/// An option that does not belong here: it belongs elsewhere, or nowhere.
fn strange(option: &Opt, errors: &Errors, here: &str, known: &[&str]) {
    let name = option.text();
    let elsewhere = [("a type", TYPE), ("a field", FIELD), ("a variant", VARIANT)];
    let places = elsewhere.into_iter().filter(|(_, known)| known.contains(&name.as_str()));
    let places: Vec<&str> = places.map(|(place, _)| place).collect();
    if places.is_empty() {
        option.unknown(errors, here, known);
        return;
    }
    let places = places.join(" or ");
    errors.at(&option.name, format!("`{name}` belongs on {places}, not on {here}; move it there"));
}

fn rename(option: &Opt, errors: &Errors) -> Option<LitStr> {
    let name = option.expect_string(errors)?;
    let problem = match name.value() {
        text if text.is_empty() => {
            "a path's text needs a name for it; write one, or remove `rename`"
        }
        text if text.contains('.') => "dots separate the names of a path; write a name without",
        _ => return Some(name),
    };
    errors.at(&name, problem);
    None
}

fn patch_derive(option: &Opt, errors: &Errors) -> Option<PatchDerive> {
    let OptValue::List(list) = &option.value else {
        let message = "`patch_derive` needs traits; write `patch_derive(Debug, Clone)`";
        errors.at(&option.name, message);
        return None;
    };
    let path = |tokens| errors.ok(syn::parse2::<Path>(tokens));
    let traits = split(list.clone()).into_iter().filter_map(path).collect();
    Some(PatchDerive { span: option.span(), traits })
}

/// A field's or variant's name as text, without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// `#[allow]`s and `#[expect]`s as `#[allow]`s: the user's lint levels apply to the code
/// that is generated from the item, too, but no lint is expected of that code.
pub(crate) fn allows(attrs: &[Attribute]) -> Vec<Attribute> {
    let allow = |attr: &Attribute| match &attr.meta {
        syn::Meta::List(list)
            if attr.path().is_ident("allow") || attr.path().is_ident("expect") =>
        {
            let lints = split(list.tokens.clone())
                .into_iter()
                .filter(|lint| !lint.to_string().starts_with("reason"));
            let lints = quote!(#(#lints),*);
            Some(syn::parse_quote!(#[allow(#lints)]))
        }
        _ => None,
    };
    attrs.iter().filter_map(allow).collect()
}

/// The attributes that an editor shows for a field: its documentation and its deprecation.
pub(crate) fn docs(attrs: &[Attribute]) -> Vec<Attribute> {
    let passed_on =
        |attr: &&Attribute| attr.path().is_ident("doc") || attr.path().is_ident("deprecated");
    attrs.iter().filter(passed_on).cloned().collect()
}

/// The documentation among `attrs`, as text.
pub(crate) fn doc_text(attrs: &[Attribute]) -> String {
    let line = |attr: &Attribute| match &attr.meta {
        syn::Meta::NameValue(doc) if attr.path().is_ident("doc") => {
            let text = syn::parse2::<LitStr>(doc.value.to_token_stream()).ok()?.value();
            Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
        }
        _ => None,
    };
    attrs.iter().filter_map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}
