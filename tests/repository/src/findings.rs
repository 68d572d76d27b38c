//! The pages that name tests: each test exists, as a function or as a case of `tests/ui`.

use std::collections::HashSet;

use crate::{File, files, report};

const PAGES: [&str; 3] =
    ["docs/internals/findings.md", "docs/internals/messages.md", "docs/internals/programs.md"];

#[test]
fn tests_that_a_table_names_exist() {
    let known = tests();
    let pages =
        files(&["md"]).into_iter().filter(|page| PAGES.iter().any(|own| page.path.ends_with(own)));
    let strays: Vec<String> = pages.flat_map(|page| strays(&page, &known)).collect();
    report(&strays);
}

/// The names in the last cells of the tables of `page` that are not a test's.
fn strays(page: &File, known: &HashSet<String>) -> Vec<String> {
    let rows = page.text.lines().enumerate().filter(|(_, row)| row.starts_with('|'));
    let named = rows.flat_map(|(at, row)| {
        let last = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap_or_default();
        last.split('`').skip(1).step_by(2).map(move |name| (at + 1, name))
    });
    let strays = named.filter(|(_, name)| !known.contains(*name));
    let path = page.path.display();
    strays.map(|(line, name)| format!("{path}:{line}: there is no test `{name}`")).collect()
}

/// The names of all functions in files with tests, and of the cases of `tests/ui`.
fn tests() -> HashSet<String> {
    let sources = files(&["rs"]);
    let has_tests = |file: &&File| {
        let is_in_tests = file.path.iter().any(|folder| folder == "tests");
        is_in_tests || ["test]", "cfg(test)"].iter().any(|mark| file.text.contains(mark))
    };
    sources.iter().filter(has_tests).flat_map(names).collect()
}

fn names(file: &File) -> Vec<String> {
    let functions = file.text.split("fn ").skip(1);
    let name = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned)
    };
    let case = file.path.file_stem().map(|case| case.to_string_lossy().into_owned());
    functions.filter_map(name).chain(case).collect()
}
