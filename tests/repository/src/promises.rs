//! The promises of `tests/README.md`: each has tests that cite its number, and each number
//! that a test cites is a promise of that page.

use std::collections::{BTreeMap, BTreeSet};

use crate::{File, files, report};

/// Where the promises are, and the ones that no test covers yet.
const PAGE: &str = "tests/README.md";
const UNTESTED: &str = "## Promised, and not tested";

/// The letters that numbers of promises begin with.
const LETTERS: &str = "ICSDWL";

#[test]
fn each_promise_leads_to_its_tests_and_back() {
    let pages = files(&["md"]);
    let page = pages.iter().find(|page| page.path.ends_with(PAGE)).expect("the page is there");
    let (tested, untested) = page.text.split_once(UNTESTED).expect("the page says what it lacks");
    let (tested, untested) = (rows(tested), rows(untested));
    let cited = cited();

    let lonely = tested.iter().filter(|number| !cited.contains_key(*number));
    let lonely = lonely.map(|number| format!("{PAGE}: no test cites `{number}`"));
    let strays = cited.iter().filter(|(number, _)| !tested.contains(*number));
    let strays = strays.map(|(number, path)| {
        let place = if untested.contains(number) { "among the untested" } else { "not" };
        format!("{path}: cites `{number}`, which is {place} in {PAGE}")
    });
    report(&lonely.chain(strays).collect::<Vec<_>>());
}

/// The first cells of the rows that are the number of a promise.
fn rows(text: &str) -> BTreeSet<String> {
    let cells = text.lines().filter_map(|line| line.strip_prefix('|')?.split('|').next());
    cells.map(str::trim).filter(|cell| is_number(cell)).map(str::to_owned).collect()
}

/// The numbers that tests cite, in names or comments, each with one file that does.
fn cited() -> BTreeMap<String, String> {
    let sources = files(&["rs", "ts"]);
    let tests = sources.iter().filter(|file| is_test(file));
    tests.flat_map(|file| numbers(file).map(|number| (number, shown(file)))).collect()
}

fn is_test(file: &File) -> bool {
    let mut folders = file.path.iter().filter_map(|folder| folder.to_str());
    let is_tested = folders.any(|folder| matches!(folder, "tests" | "test" | "counters"));
    is_tested && !file.path.starts_with("tests/repository")
}

fn shown(file: &File) -> String {
    file.path.display().to_string()
}

/// The numbers in comments (`D9`) and in front of the names of tests (`d9_…`); in TypeScript,
/// where a test's name is a text, all.
fn numbers(file: &File) -> impl Iterator<Item = String> {
    let is_rust = file.path.extension().is_some_and(|extension| extension == "rs");
    let texts = file.text.lines().map(str::trim_start);
    let texts = texts.filter(move |line| !is_rust || line.starts_with("//"));
    let words = texts.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    let names = file.text.lines().filter_map(|line| line.split_once("fn "));
    let firsts = names.filter_map(|(_, name)| name.split_once('_')).map(|(first, _)| first);
    words.map(str::to_owned).chain(firsts.map(as_cited)).filter(|word| is_number(word))
}

/// The number that the name of a test begins with: `L3a` for `l3a`.
fn as_cited(first: &str) -> String {
    let mut letters = first.chars();
    letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Whether `word` is a letter of [`LETTERS`], a number, and perhaps an `a`, as in `L3a`.
fn is_number(word: &str) -> bool {
    let digits = word.strip_suffix('a').unwrap_or(word);
    digits.strip_prefix(|c| LETTERS.contains(c)).is_some_and(|digits| {
        (1..=2).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
    })
}
