//! Which file of `sprag-runtime` imports what from which other file.
//!
//! A path counts for the file that defines the item, and not for a module that only
//! re-exports it. Paths inside of macro calls are not seen.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree, Visibility};

use crate::files;

/// A module's path from the crate's root, without `crate`.
pub(crate) type Module = Vec<String>;

/// The definitions, re-exports and imports of one file.
#[derive(Default)]
struct Contents {
    defined: BTreeSet<String>,
    /// The path behind each re-exported name.
    reexported: BTreeMap<String, Module>,
    /// The modules that are re-exported whole.
    globs: Vec<Module>,
    /// The paths that the file uses, from the crate's root.
    used: BTreeSet<Module>,
}

/// The imports between the files of the runtime, as pairs of modules.
pub(crate) fn imports() -> BTreeSet<(Module, Module)> {
    let contents: BTreeMap<Module, Contents> = sources()
        .into_iter()
        .map(|(module, text)| (module.clone(), contents(module, &text)))
        .collect();
    let mut imports = BTreeSet::new();
    for (module, own) in contents.iter().filter(|(module, _)| !module.is_empty()) {
        let targets = own.used.iter().filter_map(|path| resolve(&contents, path, 0));
        imports.extend(targets.filter(|to| to != module).map(|to| (module.clone(), to)));
    }
    imports
}

fn sources() -> Vec<(Module, String)> {
    let sources = files(&["rs"]).into_iter().filter_map(|file| {
        let path = file.path.strip_prefix("sprag-runtime/src").ok()?.with_extension("");
        let parts = path.iter().map(|part| part.to_string_lossy().into_owned());
        Some((parts.filter(|part| part != "lib").collect(), file.text))
    });
    sources.collect()
}

/// The module whose file defines what `path` leads to.
fn resolve(all: &BTreeMap<Module, Contents>, path: &[String], depth: usize) -> Option<Module> {
    let length = (0..=path.len()).rev().find(|length| all.contains_key(&path[..*length]))?;
    let (module, rest) = path.split_at(length);
    let own = &all[module];
    let Some(name) = rest.first() else { return Some(module.to_vec()) };
    if own.defined.contains(name) || depth > 8 {
        return Some(module.to_vec());
    }
    if let Some(target) = own.reexported.get(name) {
        return resolve(all, target, depth + 1);
    }
    let mut behind_globs = own.globs.iter().filter_map(|glob| {
        let path = [glob.as_slice(), &rest[..1]].concat();
        let found = resolve(all, &path, depth + 1)?;
        all[&found].defined.contains(name).then_some(found)
    });
    behind_globs.next().or_else(|| Some(module.to_vec()))
}

fn contents(module: Module, text: &str) -> Contents {
    let file = syn::parse_file(text).expect("the sources parse");
    let children = file.items.iter().filter_map(|item| match item {
        Item::Mod(ItemMod { ident, content: None, .. }) => Some(ident.to_string()),
        _ => None,
    });
    let children = children.collect();
    let mut reader = Reader { scope: module, children, contents: Contents::default() };
    reader.contents.defined = file.items.iter().filter_map(name).collect();
    reader.visit_file(&file);
    reader.contents
}

/// The name that an item defines in its module.
fn name(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Mod(ItemMod { ident, content: Some(_), .. }) => ident,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.to_string())
}

/// The two kinds of `use`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum UseKind {
    Import,
    Reexport,
}

/// Collects the paths of one file.
struct Reader {
    /// The module of the item that is being read: the file's own one, or one inside of it.
    scope: Module,
    /// The modules in files of their own below the file's module.
    children: BTreeSet<String>,
    contents: Contents,
}

impl Reader {
    /// `path` from the crate's root, or `None` if it leads to another crate or is local.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let (first, rest) = path.split_first()?;
        let supers = path.iter().take_while(|part| *part == "super").count();
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([self.scope.as_slice(), rest].concat()),
            "super" => {
                let kept = self.scope.len().checked_sub(supers)?;
                Some([&self.scope[..kept], &path[supers..]].concat())
            }
            _ if self.children.contains(first) => Some([self.scope.as_slice(), path].concat()),
            _ => None,
        }
    }

    fn read_use(&mut self, tree: &UseTree, prefix: &[String], kind: UseKind) {
        let part = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            UseTree::Path(tree) => self.read_use(&tree.tree, &part(&tree.ident), kind),
            UseTree::Group(tree) => {
                tree.items.iter().for_each(|tree| self.read_use(tree, prefix, kind));
            }
            UseTree::Name(tree) if tree.ident == "self" => {
                let name = prefix.last().cloned().unwrap_or_default();
                self.add(prefix.to_vec(), name, kind);
            }
            UseTree::Name(tree) => self.add(part(&tree.ident), tree.ident.to_string(), kind),
            UseTree::Rename(tree) => {
                self.add(part(&tree.ident), tree.rename.to_string(), kind);
            }
            UseTree::Glob(_) => {
                let Some(path) = self.absolute(prefix) else { return };
                if kind == UseKind::Reexport {
                    self.contents.globs.push(path);
                } else {
                    self.contents.used.insert(path);
                }
            }
        }
    }

    fn add(&mut self, path: Vec<String>, name: String, kind: UseKind) {
        let Some(path) = self.absolute(&path) else { return };
        if kind == UseKind::Reexport {
            self.contents.reexported.insert(name, path);
        } else {
            self.contents.used.insert(path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let children = std::mem::take(&mut self.children);
        self.scope.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.scope.pop();
        self.children = children;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let kind = match item.vis {
            Visibility::Inherited => UseKind::Import,
            _ => UseKind::Reexport,
        };
        self.read_use(&item.tree, &[], kind);
    }

    /// `pub(in crate::cell)` imports nothing.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if parts.len() > 1 {
            self.contents.used.extend(self.absolute(&parts));
        }
        visit::visit_path(self, path);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    let is_test = |attribute: &Attribute| match &attribute.meta {
        syn::Meta::List(list) => {
            list.path.is_ident("cfg") && list.tokens.to_string().starts_with("test")
        }
        _ => false,
    };
    attributes.iter().any(is_test)
}
