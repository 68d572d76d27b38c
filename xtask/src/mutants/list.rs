//! The mutants, as `cargo mutants --list` names them.

use std::collections::HashMap;
use std::hash::Hasher;
use std::path::Path;
use std::process::Stdio;
use std::{fs, io};

use serde::Deserialize;

use super::tree::Checkout;

/// Names of functions that write text for humans, which no test has to know.
pub(crate) const EXCLUDED: &[&str] = &["impl (std::)?fmt::Debug for", "impl Debug for"];

/// A place in a file: a line and a column of characters, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Deserialize)]
pub(crate) struct Point {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Point,
    pub(crate) end: Point,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub(crate) enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

#[derive(Debug, Deserialize)]
struct ListedFunction {
    return_type: String,
    span: Span,
}

/// A mutant, as `cargo mutants` writes it.
#[derive(Debug, Deserialize)]
struct Listed {
    name: String,
    package: String,
    file: String,
    function: Option<ListedFunction>,
    span: Span,
    replacement: String,
    genre: Genre,
}

/// One change of the sources.
#[derive(Debug)]
pub(crate) struct Mutant {
    /// Names the mutant as long as its function stays: the file, the change, and a number if
    /// the function has several such changes. Lines are not a part of it.
    pub(crate) key: String,
    pub(crate) package: String,
    pub(crate) file: String,
    /// The lines of the function, or of the change, if it is in none.
    pub(crate) function: Span,
    pub(crate) return_type: String,
    pub(crate) span: Span,
    pub(crate) replacement: String,
    pub(crate) genre: Genre,
    /// A hash of the text of the function: a result is of this text.
    pub(crate) text: u64,
}

impl Mutant {
    /// The place of the mutant in the order that all runs follow. The order is of hashes, so
    /// that each beginning of it is a random sample.
    pub(crate) fn rank(&self) -> u64 {
        hash(&self.key)
    }
}

pub(crate) fn is_installed() -> bool {
    let mut command = crate::cargo();
    command.args(["mutants", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// All mutants of `packages`.
pub(crate) fn read(tree: &Checkout, packages: &[&str]) -> io::Result<Vec<Mutant>> {
    let mut command = crate::cargo();
    command.current_dir(&tree.clone).args(["mutants", "--no-config", "--list", "--json"]);
    command.args(packages.iter().map(|package| format!("--package={package}")));
    command.args(EXCLUDED.iter().map(|name| format!("--exclude-re={name}")));
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other("`cargo install cargo-mutants` first"));
    }
    let listed: Vec<Listed> = serde_json::from_slice(&output.stdout)?;
    let mut known = HashMap::new();
    let mut texts = HashMap::new();
    listed.into_iter().map(|mutant| named(mutant, &mut known, &mut texts, &tree.clone)).collect()
}

fn named(
    listed: Listed,
    known: &mut HashMap<String, usize>,
    texts: &mut HashMap<String, String>,
    root: &Path,
) -> io::Result<Mutant> {
    let change = listed.name.split_once(": ").map_or(&*listed.name, |(_, change)| change);
    let name = format!("{}: {change}", listed.file);
    let count = known.entry(name.clone()).or_default();
    *count += 1;
    let key = if *count == 1 { name } else { format!("{name} ({count})") };
    if !texts.contains_key(&listed.file) {
        texts.insert(listed.file.clone(), fs::read_to_string(root.join(&listed.file))?);
    }
    let (function, return_type) =
        listed.function.map_or((listed.span, String::new()), |of| (of.span, of.return_type));
    let lines = texts[&listed.file].lines().skip(function.start.line - 1);
    let lines: Vec<_> = lines.take(function.end.line + 1 - function.start.line).collect();
    Ok(Mutant {
        key,
        package: listed.package,
        text: hash(&lines.join("\n")),
        file: listed.file,
        function,
        return_type,
        span: listed.span,
        replacement: listed.replacement,
        genre: listed.genre,
    })
}

/// A hash that is the same in every version of the compiler: FNV-1a, whose bits are mixed once
/// more, since similar texts differ in few of them.
fn hash(text: &str) -> u64 {
    struct Fnv(u64);
    impl Hasher for Fnv {
        fn finish(&self) -> u64 {
            let mixed = (self.0 ^ (self.0 >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^ (mixed >> 29)
        }
        fn write(&mut self, bytes: &[u8]) {
            for byte in bytes {
                self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
    }
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    hasher.write(text.as_bytes());
    hasher.finish()
}
