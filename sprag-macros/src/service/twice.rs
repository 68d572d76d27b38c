//! A second `#[service]` block with a `new` for one type.
//!
//! Each of two such blocks is right by itself, and rustc reports four errors about them. A
//! macro sees neither the module of its block nor the other blocks there, so a block whose
//! type has the name of an earlier service reads the file that contains the block.

use std::fs;

use proc_macro::{Span, is_available};
use syn::{Attribute, Item, ItemImpl};

use super::new::New;
use crate::tokens::text;

/// Whether a module in the file of `item` has two services of this name. False if the file
/// cannot be read, as for code that another macro has written.
pub(super) fn has_another_new(item: &ItemImpl) -> bool {
    // The tests of this crate call the macro outside of a compiler.
    let file = is_available().then(|| Span::call_site().local_file()).flatten();
    let source = file.and_then(|file| fs::read_to_string(file).ok());
    let source = source.and_then(|source| syn::parse_file(&source).ok());
    source.is_some_and(|file| is_repeated(&file.items, &text(&item.self_ty)))
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
