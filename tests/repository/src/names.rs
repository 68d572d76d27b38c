//! One name for one type: no two types of the workspace's crates share a name, so that a
//! search for a name finds one definition.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};
use syn::{Ident, Item};

use crate::{File, files, report};

/// The crates whose types are compared.
const CRATES: &[&str] = &[
    "src",
    "sprag-log/src",
    "sprag-macros/src",
    "sprag-runtime/src",
    "sprag-web/src",
    "xtask/src",
];

/// Names of several types, each with the reason.
const ALLOWED: &[(&str, &str)] = &[
    ("Begun", "`cell/recorder.rs`, and its twin without the feature `serde`"),
    ("Recorded", "`cell/recorder.rs`, and its twin without the feature `serde`"),
    ("Recorder", "`cell/recorder.rs`, and its twin without the feature `serde`"),
    ("Signals", "one type for Unix, one for Windows, in one file"),
];

#[test]
fn a_name_belongs_to_one_type() {
    let sources = files(&["rs"]);
    let own = |file: &&File| CRATES.iter().any(|folder| file.path.starts_with(folder));
    let mistakes = shared(sources.iter().filter(own));
    report(&mistakes);
}

/// The names that several types have, each with the files of the types.
fn shared<'a>(files: impl Iterator<Item = &'a File>) -> Vec<String> {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in files {
        let mut types = Types(Vec::new());
        types.visit_file(&syn::parse_file(&file.text).expect("the sources parse"));
        for name in types.0 {
            places.entry(name).or_default().push(file.path.display().to_string());
        }
    }
    let is_allowed = |name: &str| ALLOWED.iter().any(|(allowed, _)| *allowed == name);
    let shared = places.into_iter().filter(|(name, at)| at.len() > 1 && !is_allowed(name));
    shared.map(|(name, at)| format!("`{name}` names several types: {}", at.join(", "))).collect()
}

/// The names of the types that a file defines, tests included.
struct Types(Vec<String>);

impl<'ast> Visit<'ast> for Types {
    fn visit_item(&mut self, item: &'ast Item) {
        self.0.extend(type_name(item).map(Ident::to_string));
        visit::visit_item(self, item);
    }
}

fn type_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Enum(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

#[test]
fn a_name_of_two_types_is_found() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let files =
        [file("a.rs", "struct Slot; enum Other {}"), file("b.rs", "mod m { trait Slot {} }")];

    let found = shared(files.iter());

    assert_eq!(found, ["`Slot` names several types: a.rs, b.rs"]);
}
