//! The module in which a block's type is defined, as far as the block's file shows.
//!
//! A macro sees no names of other modules. The file of a block shows the type itself, or the
//! `use` that imports the type, and either is enough to compare the types of two blocks.

use std::path::{Path, PathBuf};

use syn::{Item, UseTree};

/// The home of a type.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TypeHome {
    /// The file has the type at its top.
    File(PathBuf),
    /// `crate::a::b`.
    Crate(Vec<String>),
    /// `super::a::b` of a module whose file is in `folder` and is called `module` there.
    Super { folder: PathBuf, module: String, below: Vec<String> },
}

impl TypeHome {
    /// The home of the type `name`, which `items` of `file` use; `None` if they do not show it.
    pub(super) fn of(name: &str, file: &Path, items: &[Item]) -> Option<Self> {
        if items.iter().any(|item| defines(item, name)) {
            return Some(Self::File(file.to_owned()));
        }
        let mut paths = Vec::new();
        for item in items {
            if let Item::Use(item) = item {
                collect(&item.tree, &mut Vec::new(), name, &mut paths);
            }
        }
        // A name hides the names that a `*` brings, and two `*` could bring the name.
        let named = paths.iter().find(|path| path.is_named);
        let from_here = |path: &&ImportPath| ["crate", "super"].contains(&path.first());
        let mut others = paths.iter().filter(from_here);
        let import = named.or_else(|| others.next().filter(|_| others.next().is_none()))?;
        Self::imported(&import.module, file)
    }

    fn imported(module: &[String], file: &Path) -> Option<Self> {
        let (first, below) = module.split_first()?;
        let below = below.to_vec();
        match first.as_str() {
            "crate" => Some(Self::Crate(below)),
            "super" if !below.iter().any(|name| name == "super") => {
                let (folder, module) = place(file)?;
                Some(Self::Super { folder, module, below })
            }
            _ => None,
        }
    }

    /// Whether the two are one module. `items` has the content of the file in a `File`.
    pub(super) fn is(&self, other: &Self, items: impl Fn(&Path) -> Vec<Item>) -> bool {
        match (self, other) {
            (Self::File(file), Self::Crate(module)) | (Self::Crate(module), Self::File(file)) => {
                is_module(file, module)
            }
            (Self::File(file), Self::Super { folder, module, below })
            | (Self::Super { folder, module, below }, Self::File(file)) => {
                if below.is_empty() {
                    let is_near =
                        file.parent() == Some(folder) || *file == folder.with_extension("rs");
                    is_near && items(file).iter().any(|item| declares(item, module))
                } else {
                    is_at(file, &folder.join(below.join("/")))
                }
            }
            _ => self == other,
        }
    }
}

/// A module from which a name may come.
struct ImportPath {
    module: Vec<String>,
    /// Whether the name is written, and not a `*`.
    is_named: bool,
}

impl ImportPath {
    fn first(&self) -> &str {
        self.module.first().map_or("", String::as_str)
    }
}

/// The paths in `tree` that end in `name` or in a `*`.
fn collect(tree: &UseTree, above: &mut Vec<String>, name: &str, paths: &mut Vec<ImportPath>) {
    match tree {
        UseTree::Path(path) => {
            above.push(path.ident.to_string());
            collect(&path.tree, above, name, paths);
            above.pop();
        }
        UseTree::Name(leaf) if leaf.ident == name => {
            paths.push(ImportPath { module: above.clone(), is_named: true });
        }
        UseTree::Glob(_) => paths.push(ImportPath { module: above.clone(), is_named: false }),
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| collect(tree, above, name, paths));
        }
        // A renamed import is a type of another name, as far as this page knows.
        UseTree::Name(_) | UseTree::Rename(_) => {}
    }
}

fn defines(item: &Item, name: &str) -> bool {
    match item {
        Item::Struct(item) => item.ident == name,
        Item::Enum(item) => item.ident == name,
        Item::Union(item) => item.ident == name,
        _ => false,
    }
}

/// Whether the item is `mod module;`.
fn declares(item: &Item, module: &str) -> bool {
    matches!(item, Item::Mod(item) if item.ident == module && item.content.is_none())
}

/// The folder of the parent's other modules, and the name of the module in `file`.
fn place(file: &Path) -> Option<(PathBuf, String)> {
    let folder = file.parent()?;
    let stem = file.file_stem()?.to_string_lossy().into_owned();
    if stem != "mod" {
        return Some((folder.to_owned(), stem));
    }
    let module = folder.file_name()?.to_string_lossy().into_owned();
    Some((folder.parent()?.to_owned(), module))
}

/// Whether `file` has the module `crate::module`.
fn is_module(file: &Path, module: &[String]) -> bool {
    if module.is_empty() {
        return file.ends_with("main.rs") || file.ends_with("lib.rs");
    }
    let module = PathBuf::from(module.join("/"));
    file.ends_with(module.with_extension("rs")) || file.ends_with(module.join("mod.rs"))
}

/// Whether `file` has the module of this path.
fn is_at(file: &Path, module: &Path) -> bool {
    file == module.with_extension("rs") || file == module.join("mod.rs")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use syn::Item;

    use super::TypeHome;

    fn items(text: &str) -> Vec<Item> {
        syn::parse_file(text).expect("Rust").items
    }

    /// Whether `Db` is one type in two files.
    fn is_one((file, text): (&str, &str), (other, others): (&str, &str)) -> bool {
        let homes = (
            TypeHome::of("Db", Path::new(file), &items(text)),
            TypeHome::of("Db", Path::new(other), &items(others)),
        );
        let read = |path: &Path| items(if path == Path::new(file) { text } else { others });
        matches!(homes, (Some(one), Some(two)) if one.is(&two, read) && two.is(&one, read))
    }

    const DB: (&str, &str) = ("src/db.rs", "mod hooks; pub struct Db;");

    #[test]
    fn a_type_that_another_file_imports_is_the_same() {
        assert!(is_one(DB, ("src/db/hooks.rs", "use super::Db;")));
        assert!(is_one(DB, ("src/db/hooks/mod.rs", "use sprag::prelude::*; use super::*;")));
        assert!(is_one(DB, ("src/mail.rs", "use crate::db::{Pool, Db};")));
        assert!(is_one(DB, ("src/mail.rs", "use super::db::Db;")));
        assert!(is_one(("src/a.rs", "use crate::db::Db;"), ("src/b.rs", "use crate::db::Db;")));
        let root = ("src/main.rs", "mod hooks; struct Db;");
        assert!(is_one(root, ("src/hooks.rs", "use crate::Db;")));
        assert!(is_one(root, ("src/hooks.rs", "use super::Db;")));
        assert!(is_one(
            ("src/db/mod.rs", "mod hooks; enum Db {}"),
            ("src/db/hooks.rs", "use super::Db;")
        ));
    }

    #[test]
    fn types_of_one_name_in_two_modules_are_two() {
        assert!(!is_one(DB, ("src/fake.rs", "pub struct Db;")));
        assert!(!is_one(DB, ("src/mail.rs", "use crate::fake::Db;")));
        assert!(!is_one(DB, ("src/fake/hooks.rs", "use super::Db;")));
        assert!(!is_one(DB, ("src/mail.rs", "use super::*;")));
        assert!(!is_one(DB, ("src/mail.rs", "use crate::db::*; use super::*;")));
        assert!(!is_one(DB, ("src/mail.rs", "use other::db::Db;")));
        assert!(!is_one(DB, ("src/mail.rs", "use crate::db::Pool as Db;")));
        assert!(!is_one(DB, ("src/mail.rs", "")));
    }
}
