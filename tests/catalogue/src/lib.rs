//! The cases of `tests/ui` as data: each mistake, what the compiler prints, and the
//! corrected code.
//!
//! [`page()`] makes `docs/errors.md` of them. `cargo xtask errors` writes the file, and the
//! ui suite checks that the file is current.

mod page;

use std::path::Path;
use std::{fs, io};

pub use page::page;

/// One mistake, what the compiler says, and the corrected code.
#[derive(Debug)]
pub struct Case {
    /// The file's name, which begins with the name of its group.
    pub name: String,
    /// The mistake in one sentence, from the file's own documentation.
    pub mistake: String,
    /// The fix in one sentence, from there too.
    pub fix: String,
    /// The lines that are marked as wrong, counted from 1; one for each error.
    pub marked: Vec<usize>,
    /// The errors that the compiler prints.
    pub printed: Vec<Printed>,
    /// The lines of the wrong file.
    fail: Vec<String>,
    /// The lines of the corrected file.
    pass: Vec<String>,
}

/// One error as the compiler prints it.
#[derive(Debug)]
pub struct Printed {
    /// The line that it points at; `None` where that is in another file.
    pub line: Option<usize>,
    /// The lines of the error.
    pub text: Vec<String>,
}

const MARK: &str = "//~ ERROR";

/// The groups of the page, and how the names of their cases begin.
const GROUPS: &[(&str, &str)] = &[
    ("derive", "Deriving `Model`"),
    ("paths", "Paths"),
    ("cells", "Stores and models"),
    ("caches", "Caches"),
    ("events", "Events"),
    ("services", "Services"),
    ("apps", "Apps"),
    ("kit", "Tests"),
];

/// All cases below `folder`, which is `tests/ui`, by name.
///
/// # Errors
///
/// When a file cannot be read; the error names the file.
pub fn cases(folder: &Path) -> io::Result<Vec<Case>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fail"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    names.into_iter().map(|name| Case::read(folder, name)).collect()
}

impl Case {
    fn read(folder: &Path, name: String) -> io::Result<Self> {
        let lines = |path: String| -> io::Result<Vec<String>> {
            let text = fs::read_to_string(folder.join(&path))
                .map_err(|error| io::Error::new(error.kind(), format!("{path}: {error}")))?;
            Ok(text.lines().map(str::to_owned).collect())
        };
        let fail = lines(format!("fail/{name}.rs"))?;
        let pass = lines(format!("pass/{name}.rs"))?;
        let printed = printed(&lines(format!("fail/{name}.stderr"))?, &format!("fail/{name}.rs"));
        let mut docs = fail.iter().map_while(|line| line.strip_prefix("//!")).map(str::trim);
        let mut sentence = || docs.by_ref().take_while(|line| !line.is_empty()).collect::<Vec<_>>();
        let (mistake, fix) = (sentence().join(" "), sentence().join(" "));
        let marks = fail.iter().enumerate();
        let marked = marks.flat_map(|(n, line)| line.matches(MARK).map(move |_| n + 1)).collect();
        Ok(Self { name, mistake, fix, marked, printed, fail, pass })
    }
}

/// The errors in what the compiler printed about `file`.
fn printed(stderr: &[String], file: &str) -> Vec<Printed> {
    let mut found: Vec<Printed> = Vec::new();
    for line in stderr {
        if line.starts_with("error") {
            found.push(Printed { line: None, text: Vec::new() });
        }
        let Some(error) = found.last_mut() else { continue };
        let place = line.trim_start().strip_prefix("--> ");
        if let Some(place) = place.filter(|_| error.text.len() == 1) {
            error.line = place
                .split_once(file)
                .and_then(|(_, place)| place.split(':').nth(1).and_then(|line| line.parse().ok()));
        }
        if !line.is_empty() {
            error.text.push(line.clone());
        }
    }
    found
}

/// Whether `name` belongs to one of the page's groups.
pub fn has_group(name: &str) -> bool {
    GROUPS.iter().any(|(prefix, _)| name.split('_').next() == Some(prefix))
}
