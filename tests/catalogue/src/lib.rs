//! The cases of `tests/ui` as data, and the page that is made of them.
//!
//! `cargo xtask errors` writes the page, and the ui suite checks that it was written.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

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
    fail: Vec<String>,
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

    /// The lines that are wrong: those that the mended file lacks, and those that the
    /// compiler points at.
    fn wrong(&self) -> Vec<String> {
        let plain: Vec<String> = self.fail.iter().map(|line| unmarked(line)).collect();
        let kept = common(&plain, &self.pass);
        let is_wrong =
            |n: &usize| self.marked.contains(&(n + 1)) || !kept.iter().any(|k| k.0 == *n);
        let lines = (0..plain.len()).filter(is_wrong).map(|n| plain[n].clone());
        excerpt(lines)
    }

    /// The lines that the mended file has in their place.
    fn right(&self) -> Vec<String> {
        let plain: Vec<String> = self.fail.iter().map(|line| unmarked(line)).collect();
        let kept = common(&plain, &self.pass);
        let is_new = |n: &usize| !kept.iter().any(|k| k.1 == *n);
        let lines = (0..self.pass.len()).filter(is_new).map(|n| self.pass[n].clone());
        excerpt(lines)
    }
}

fn unmarked(line: &str) -> String {
    line.replace(MARK, "").trim_end().to_owned()
}

/// `lines` without documentation, empty ones and indentation.
fn excerpt(lines: impl Iterator<Item = String>) -> Vec<String> {
    let is_code = |line: &String| !line.trim().is_empty() && !line.starts_with("//!");
    lines.filter(is_code).map(|line| line.trim_start().to_owned()).collect()
}

/// The lines that both have, in order: a longest common subsequence.
fn common(a: &[String], b: &[String]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i][j] = if a[i] == b[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut kept) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            kept.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    kept
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

impl Printed {
    /// Its first line, and the notes that say what to do.
    fn short(&self) -> Vec<String> {
        let (first, rest) = self.text.split_first().expect("an error has a first line");
        let noise = [
            "this error originates",
            "required for",
            "required by",
            "the trait `",
            "redundant",
            "the following other types",
            "the following trait bounds",
            "the method was found",
            "the full name",
            "consider using `--verbose`",
            "for that trait implementation",
            "expected struct",
            "expected reference",
        ];
        let note = |line: &&String| {
            let line = line.trim_start();
            let note = ["= note: ", "= help: ", "help: "].iter().find_map(|p| line.strip_prefix(p));
            note.is_some_and(|note| !noise.iter().any(|noise| note.starts_with(noise)))
        };
        let notes = rest.iter().filter(note).map(|line| format!("  {}", line.trim_start()));
        [first.clone()].into_iter().chain(notes).collect()
    }
}

/// The page.
pub fn page(cases: &[Case]) -> String {
    let mut page = String::from(HEAD);
    for (prefix, title) in GROUPS {
        let begins = format!("{prefix}_");
        let _ = writeln!(page, "\n## {title}");
        for case in cases.iter().filter(|case| case.name.starts_with(&begins)) {
            let _ = write!(page, "\n{}", entry(case));
        }
    }
    page
}

const HEAD: &str = "\
<!-- Written by `cargo xtask errors` from the cases in tests/ui; do not edit. -->

# What the compiler says

Every message that sprag has, or that the compiler gives for a mistake with it: the lines
that are wrong, what is printed (its first line and what it advises), and the lines that
are right. Each entry is a test, `tests/ui/fail` beside its twin in `tests/ui/pass`.
";

fn entry(case: &Case) -> String {
    let errors: Vec<String> = case.printed.iter().flat_map(Printed::short).collect();
    let title = case.mistake.trim_end_matches('.');
    let mut entry = format!("### {title}\n\n");
    block(&mut entry, "rust", &case.wrong());
    block(&mut entry, "text", &errors);
    let _ = writeln!(entry, "{}\n", case.fix);
    let right = case.right();
    if !right.is_empty() {
        block(&mut entry, "rust", &right);
    }
    entry.truncate(entry.trim_end().len());
    entry.push('\n');
    entry
}

fn block(page: &mut String, language: &str, lines: &[String]) {
    let _ = writeln!(page, "```{language}\n{}\n```\n", lines.join("\n"));
}

/// Whether `name` belongs to one of the page's groups.
pub fn has_group(name: &str) -> bool {
    GROUPS.iter().any(|(prefix, _)| name.split('_').next() == Some(prefix))
}
