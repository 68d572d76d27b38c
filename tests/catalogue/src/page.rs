//! `docs/errors.md`: an index, and for each case the wrong program, the message and the
//! corrected items.

use std::fmt::Write as _;

use crate::{Case, GROUPS, MARK, Printed};

/// The mark that the page shows at the end of a wrong line.
const SHOWN_MARK: &str = "// <- error";

const HEAD: &str = "\
<!-- Written by `cargo xtask errors` from the cases in tests/ui; do not edit. -->

# What the compiler says

Every message of sprag, and the compiler's own messages about mistakes with sprag. Each
entry shows a wrong program with its wrong lines marked, what the compiler prints about
each mark (the first line and the advice), and the items of the corrected program that
differ. The entries are tests: `tests/ui/fail` has the wrong programs and the whole
messages, `tests/ui/pass` the corrected programs, under the names used here.
";

/// The page about `cases`.
pub fn page(cases: &[Case]) -> String {
    let mut page = format!("{HEAD}\n{}", index(cases));
    for (prefix, title) in GROUPS {
        let _ = writeln!(page, "\n## {title}");
        for case in group(cases, prefix) {
            let _ = write!(page, "\n{}", entry(case));
        }
    }
    page
}

fn group<'a>(cases: &'a [Case], prefix: &'a str) -> impl Iterator<Item = &'a Case> {
    cases.iter().filter(move |case| case.name.split('_').next() == Some(prefix))
}

/// A list of all entries. The name of a case is a heading, and so the link's anchor.
fn index(cases: &[Case]) -> String {
    let mut index = String::new();
    for (prefix, title) in GROUPS {
        let _ = writeln!(index, "- {title}");
        for Case { name, mistake, .. } in group(cases, prefix) {
            let _ = writeln!(index, "  - [{}](#{name})", mistake.trim_end_matches('.'));
        }
    }
    index
}

fn entry(case: &Case) -> String {
    let errors: Vec<String> = case.printed.iter().flat_map(summary).collect();
    let mut entry = format!("### {}\n\n{}\n\n", case.name, case.mistake);
    block(&mut entry, "rust", &wrong(case));
    block(&mut entry, "text", &errors);
    let _ = writeln!(entry, "{}\n", case.fix);
    let right = right(case);
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

/// The wrong program, whole, with its marks.
fn wrong(case: &Case) -> Vec<String> {
    let program = items(&case.fail).into_iter().filter(|item| !is_empty_main(item));
    joined(program.map(|item| item.iter().map(|line| shown(line)).collect()))
}

/// The items of the corrected program that the wrong one lacks.
fn right(case: &Case) -> Vec<String> {
    let plain: Vec<String> = case.fail.iter().map(|line| unmarked(line)).collect();
    let wrong = items(&plain);
    joined(items(&case.pass).into_iter().filter(|item| !wrong.contains(item)))
}

/// The items of a file without its own documentation. An item begins in the first column
/// after an empty line, as rustfmt writes it.
fn items(file: &[String]) -> Vec<Vec<String>> {
    let mut items: Vec<Vec<String>> = Vec::new();
    let mut after_empty = true;
    for line in file.iter().filter(|line| !line.starts_with("//!")) {
        let begins = after_empty && !line.is_empty() && !line.starts_with([' ', '}']);
        match items.last_mut() {
            Some(item) if !begins => item.push(line.clone()),
            _ if begins => items.push(vec![line.clone()]),
            _ => {}
        }
        after_empty = line.is_empty();
    }
    for item in &mut items {
        while item.last().is_some_and(String::is_empty) {
            item.pop();
        }
    }
    items
}

fn is_empty_main(item: &[String]) -> bool {
    item == ["fn main() {}"]
}

/// `items` with an empty line between two of them.
fn joined(items: impl Iterator<Item = Vec<String>>) -> Vec<String> {
    let items: Vec<Vec<String>> = items.collect();
    items.join(&String::new())
}

fn unmarked(line: &str) -> String {
    line.replace(MARK, "").trim_end().to_owned()
}

/// `line` with the page's mark in place of the test's, once however many errors there are.
fn shown(line: &str) -> String {
    if line.contains(MARK) { format!("{} {SHOWN_MARK}", unmarked(line)) } else { line.to_owned() }
}

/// The first line of an error and its advice.
fn summary(error: &Printed) -> Vec<String> {
    let (first, rest) = error.text.split_first().expect("an error has a first line");
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
