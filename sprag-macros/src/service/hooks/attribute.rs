//! The attributes that make a method a hook: `#[listen]` and the like, by any path to them.

use syn::ext::IdentExt as _;
use syn::{Attribute, Path};

use super::METHODS;
use crate::errors::Errors;
use crate::near::nearest;

const ATTRIBUTES: &[&str] = &["listen", "interval", "task", "health", "worker", "watch"];
/// The language's own attributes whose names are similar to one of ours.
const STRANGERS: &[&str] = &["test", "tests"];

/// Removes `#[listen]` and the other hook attributes from `attrs`. A misspelt one is
/// removed as well, so that it is one error. `krate` is the path in `crate = …`.
pub(super) fn take_ours(
    attrs: &mut Vec<Attribute>,
    krate: Option<&Path>,
    errors: &Errors,
) -> Vec<Attribute> {
    let mut ours = Vec::new();
    attrs.retain(|attr| {
        let Some(name) = name_of(attr.path(), krate) else { return true };
        if ATTRIBUTES.contains(&name.as_str()) {
            ours.push(attr.clone());
            return false;
        }
        if METHODS.contains(&name.as_str()) {
            let message = format!("`{name}` is a hook by its name; write `fn {name}(&self)`");
            errors.at(attr, message);
            return false;
        }
        let Some(near) = nearest(&name, ATTRIBUTES) else { return true };
        if STRANGERS.contains(&name.as_str()) {
            return true;
        }
        errors.at(attr.path(), format!("`#[{name}]` is not a hook; did you mean `#[{near}]`?"));
        false
    });
    ours
}

/// `listen` of `#[listen]`, of `#[sprag::listen]`, and of `#[path::listen]` where
/// `path` is the one in `crate = …`.
fn name_of(path: &Path, krate: Option<&Path>) -> Option<String> {
    let mut prefix = segments(path);
    let name = prefix.pop()?;
    let is_ours =
        prefix.is_empty() || prefix == ["sprag"] || krate.is_some_and(|k| prefix == segments(k));
    is_ours.then_some(name)
}

fn segments(path: &Path) -> Vec<String> {
    path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect()
}

/// The last segment of one of our attributes.
pub(super) fn name(attr: &Attribute) -> String {
    segments(attr.path()).pop().unwrap_or_default()
}
