//! A second `#[service]` block with a `new` for one type.
//!
//! Each of two such blocks is right by itself, and rustc reports four errors about them. A
//! macro sees neither the module of its block nor the other blocks there, so a block whose
//! type has the name of an earlier service reads the files that contain the two blocks.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro::{Span, is_available};
use syn::{Attribute, Item, ItemImpl};

use super::home::TypeHome;
use super::new::{New, last_segment};
use crate::tokens::text;

/// The file of the block that is expanded; `None` for code that another macro has written,
/// and in the tests of this crate, which call the macro outside of a compiler.
pub(super) fn file() -> Option<PathBuf> {
    is_available().then(|| Span::call_site().local_file()).flatten()
}

/// Whether a module in the file of `item` has two services of this name, or the file `first`
/// has another one for the same type. False if a file cannot be read.
pub(super) fn has_another_new(item: &ItemImpl, first: Option<&Path>) -> bool {
    let Some(file) = file() else { return false };
    let service = text(&item.self_ty);
    let items = items(&file);
    if is_repeated(&items, &service) {
        return true;
    }
    let first = first.filter(|first| *first != file);
    first.is_some_and(|first| {
        let home = |file: &Path, items: &[Item]| {
            let is_here = items.iter().any(|item| creates(item, &service));
            let name = last_segment(&item.self_ty).filter(|_| is_here)?;
            TypeHome::of(&name, file, items)
        };
        let homes = (home(first, &self::items(first)), home(&file, &items));
        matches!(homes, (Some(one), Some(two)) if one.is(&two, self::items))
    })
}

/// The items of a file; none if the file cannot be read.
fn items(file: &Path) -> Vec<Item> {
    let source = fs::read_to_string(file).ok();
    let parsed = source.and_then(|source| syn::parse_file(&source).ok());
    parsed.map_or_else(Vec::new, |file| file.items)
}

fn is_repeated(items: &[Item], service: &str) -> bool {
    let inside = |item: &Item| match item {
        Item::Mod(module) => {
            module.content.as_ref().is_some_and(|(_, items)| is_repeated(items, service))
        }
        _ => false,
    };
    let count = items.iter().filter(|item| creates(item, service)).count();
    count > 1 || items.iter().any(inside)
}

/// Whether the item is a service of this name with a `new`, under every `cfg`.
fn creates(item: &Item, service: &str) -> bool {
    let Item::Impl(block) = item else { return false };
    let has = |name: &str| block.attrs.iter().any(|attribute| is(attribute, name));
    has("service")
        && !has("cfg")
        && text(&block.self_ty) == service
        && New::signature(block).is_some()
}

fn is(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == name)
}

#[test]
fn two_services_of_one_name_in_one_module_are_found() {
    let is_repeated = |text: &str| {
        let file = syn::parse_file(text).expect("Rust");
        is_repeated(&file.items, "Db")
    };
    let service = "#[sprag::service] impl Db { fn new() -> Self { Self } }";
    let other = "#[service] impl Db { fn on_start(&self) {} } impl Db { fn new() {} }";
    assert!(is_repeated(&format!("{service} {service}")));
    assert!(is_repeated(&format!("mod a {{ mod b {{ {service} {service} }} }}")));
    assert!(!is_repeated(&format!("{service} {other} mod a {{ {service} }}")));
    assert!(!is_repeated(&format!("#[cfg(unix)] {service} #[cfg(not(unix))] {service}")));
}
