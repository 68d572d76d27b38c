//! The tests of this crate check what holds for the repository as a whole: the links of
//! the pages, the imports of the runtime's modules, the names of types, the shape of functions
//! and files, the clocks, the deadlines of tests, and the tests that pages name. Some rules of
//! our prose are checked, too, and the rows of tables.
//! They need no network: links to other sites are not followed.
#![cfg(test)]

mod clocks;
mod deadlines;
mod findings;
mod imports;
mod links;
mod modules;
mod names;
mod promises;
mod prose;
mod shapes;
mod tables;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};

/// One file of the repository.
struct File {
    /// Relative to the repository.
    path: PathBuf,
    text: String,
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The files that end in one of `extensions`.
fn files(extensions: &[&str]) -> Vec<File> {
    let entries = WalkDir::new(root()).sort_by_file_name().into_iter();
    let entries = entries.filter_entry(is_source).map(|entry| entry.expect("readable"));
    let wanted = |entry: &DirEntry| {
        let extension = entry.path().extension().and_then(OsStr::to_str);
        entry.file_type().is_file() && extension.is_some_and(|own| extensions.contains(&own))
    };
    entries.filter(wanted).map(read).collect()
}

/// Whether `entry` belongs to the repository and not to cargo, npm or git.
fn is_source(entry: &DirEntry) -> bool {
    !matches!(entry.file_name().to_str(), Some("target" | "node_modules" | ".git"))
}

fn read(entry: DirEntry) -> File {
    let path = entry.path().strip_prefix(root()).expect("below the root").to_owned();
    let text = fs::read_to_string(entry.path());
    File { text: text.unwrap_or_else(|error| panic!("{}: {error}", path.display())), path }
}

/// The number of the line that holds the byte at `offset`.
fn line(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

/// Fails with all of `mistakes`, if there are any.
fn report(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "{} mistakes:\n{}", mistakes.len(), mistakes.join("\n"));
}
