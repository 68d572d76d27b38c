//! Which mutants compile: those that the compiler refuses are taken out, until it refuses none.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::process::Stdio;
use std::{fs, io};

use serde::Deserialize;

use super::expansion::MACROS;
use super::list::Mutant;
use super::switches::{Number, Switched, switched};
use super::tree::Checkout;

/// The module of a changed crate that knows the active mutant.
const ACTIVE: &str = include_str!("active.rs.txt");

/// The unit test of the changed macros that expands files.
const EXPAND: &str = include_str!("expansion/expand.rs.txt");

/// So many times the compiler runs. An error can hide others, which the next time shows.
const ROUNDS: usize = 40;

/// The mutants that earlier runs have found not to compile.
const REFUSED: &str = "refused.json";

/// By the mutant's name: the text of its function, and the code of the error.
type Known = BTreeMap<String, (u64, String)>;

/// The codes of the errors about code that runs while the compiler does.
const CONSTANT: &[&str] = &["E0015", "E0658", "E0744", "E0764", "E0493", "E0492"];

/// Whether a mutant can be switched on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Switch {
    /// The clone has the mutant.
    Works,
    /// The mutant does not compile.
    Unviable,
    /// The mutant may compile, and not beside its original: the function runs while the
    /// compiler does, or returns a type without a name.
    Unswitchable,
    /// The compiler leaves the code out here, as that of another platform.
    NotCompiled,
}

/// One line of cargo's output.
#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    rendered: Option<String>,
    code: Option<Code>,
    spans: Vec<ErrorSpan>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct ErrorSpan {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    is_primary: bool,
}

impl ErrorSpan {
    fn range(&self) -> Range<usize> {
        self.byte_start..self.byte_end
    }
}

/// The clone, as the compiler sees it.
struct Sources<'a> {
    tree: &'a Checkout,
    packages: &'a [&'static str],
    mutants: &'a [Mutant],
    /// The original text of each file that has mutants.
    texts: BTreeMap<String, String>,
    /// The mutants that do not compile, each with the code of its error.
    refused: HashMap<Number, String>,
}

/// Writes all mutants that compile into the clone.
pub(crate) fn install(
    tree: &Checkout,
    mutants: &[Mutant],
    packages: &[&'static str],
) -> io::Result<Vec<Switch>> {
    let mut sources = Sources::read(tree, mutants, packages)?;
    tree.copy(|file| sources.texts.contains_key(file))?;
    for round in 1..=ROUNDS {
        let files = sources.write()?;
        let messages = sources.compile()?;
        let errors: Vec<_> = messages.iter().filter(|message| message.level == "error").collect();
        if errors.is_empty() {
            sources.remember()?;
            return Ok(sources.switches(&files, &messages));
        }
        let found: Vec<_> = errors.iter().flat_map(|error| refused(error, &files)).collect();
        let before = sources.refused.len();
        sources.refused.extend(found);
        eprintln!("round {round}: {} of {} refused", sources.refused.len(), mutants.len());
        if sources.refused.len() == before {
            let text = errors[0].rendered.clone().unwrap_or_default();
            return Err(io::Error::other(format!("an error without a mutant:\n{text}")));
        }
    }
    Err(io::Error::other(format!("errors after {ROUNDS} rounds")))
}

impl<'a> Sources<'a> {
    fn read(
        tree: &'a Checkout,
        mutants: &'a [Mutant],
        packages: &'a [&'static str],
    ) -> io::Result<Self> {
        let mut texts = BTreeMap::new();
        let roots = packages.iter().map(|package| root(package));
        for file in mutants.iter().map(|mutant| mutant.file.clone()).chain(roots) {
            if let Entry::Vacant(entry) = texts.entry(file) {
                let text = fs::read_to_string(tree.clone.join(entry.key()))?;
                entry.insert(text);
            }
        }
        Ok(Self { tree, packages, mutants, texts, refused: HashMap::new() }.remembering())
    }

    /// Starts with what earlier runs have found.
    fn remembering(mut self) -> Self {
        let text = fs::read(self.tree.kept().join(REFUSED)).unwrap_or_default();
        let known: Known = serde_json::from_slice(&text).unwrap_or_default();
        for (number, mutant) in self.mutants.iter().enumerate() {
            if let Some((_, code)) = known.get(&mutant.key).filter(|(text, _)| *text == mutant.text)
            {
                self.refused.insert(number, code.clone());
            }
        }
        self
    }

    fn remember(&self) -> io::Result<()> {
        let path = self.tree.kept().join(REFUSED);
        let mut known: Known =
            serde_json::from_slice(&fs::read(&path).unwrap_or_default()).unwrap_or_default();
        for (number, code) in &self.refused {
            let mutant = &self.mutants[*number];
            known.insert(mutant.key.clone(), (mutant.text, code.clone()));
        }
        fs::write(path, serde_json::to_string(&known)?)
    }

    /// Writes the files that differ from those of the round before.
    fn write(&self) -> io::Result<BTreeMap<&str, Switched>> {
        let mut files = BTreeMap::new();
        for (file, text) in &self.texts {
            let of_file = |(number, mutant): &(Number, &Mutant)| {
                mutant.file == *file && !self.refused.contains_key(number)
            };
            let mutants: Vec<_> = self.mutants.iter().enumerate().filter(of_file).collect();
            let mut switched = switched(text, &mutants).map_err(io::Error::other)?;
            if self.packages.iter().any(|package| root(package) == *file) {
                switched.text += &ACTIVE.replace("COUNT", &self.mutants.len().max(1).to_string());
            }
            if *file == root(MACROS) {
                switched.text += EXPAND;
            }
            self.tree.write(file, switched.text.as_bytes())?;
            files.insert(file.as_str(), switched);
        }
        Ok(files)
    }

    fn compile(&self) -> io::Result<Vec<Message>> {
        let mut command = self.tree.cargo();
        command.args(["check", "--all-features", "--keep-going", "--message-format=json", "--lib"]);
        command.args(self.packages.iter().map(|package| format!("--package={package}")));
        let output = command.stderr(Stdio::null()).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok());
        Ok(lines.filter_map(|line| line.message).collect())
    }

    /// The mutants whose switches the compiler has seen work; the others do not compile, or
    /// are not compiled.
    fn switches(&self, files: &BTreeMap<&str, Switched>, messages: &[Message]) -> Vec<Switch> {
        let is_use = |message: &&Message| {
            message.code.as_ref().is_some_and(|code| code.code == "deprecated")
        };
        let spans = messages.iter().filter(is_use).flat_map(|message| &message.spans);
        let used: HashSet<_> = spans
            .filter_map(|span| files.get(span.file_name.as_str())?.within(&span.range()))
            .collect();
        let written: HashSet<_> = files.values().flat_map(Switched::numbers).collect();
        let switch = |number| match self.refused.get(&number) {
            _ if used.contains(&number) => Switch::Works,
            Some(code) if CONSTANT.contains(&code.as_str()) => Switch::Unswitchable,
            Some(_) => Switch::Unviable,
            None if written.contains(&number) => Switch::NotCompiled,
            None => Switch::Unswitchable,
        };
        (0..self.mutants.len()).map(switch).collect()
    }
}

fn root(package: &str) -> String {
    format!("{package}/src/lib.rs")
}

/// The mutants that an error is about, each with the error's code.
fn refused(error: &Message, files: &BTreeMap<&str, Switched>) -> Vec<(Number, String)> {
    let code = error.code.as_ref().map(|code| code.code.clone()).unwrap_or_default();
    blamed(error, files).into_iter().map(|number| (number, code.clone())).collect()
}

/// The mutants that an error is about: the primary place counts before the others, and a
/// mutant's own text before what is around the place.
fn blamed(error: &Message, files: &BTreeMap<&str, Switched>) -> Vec<Number> {
    let mut spans: Vec<_> = error.spans.iter().collect();
    spans.sort_by_key(|span| !span.is_primary);
    let found = spans.iter().filter_map(|span| Some((files.get(span.file_name.as_str())?, span)));
    if let Some(number) = found.clone().find_map(|(file, span)| file.within(&span.range())) {
        return vec![number];
    }
    let around = found.map(|(file, span)| file.blamed(&span.range()));
    around.into_iter().find(|numbers| !numbers.is_empty()).unwrap_or_default()
}
