//! The deadlines of tests: a test that starts threads, or blocks its own, and hangs would be a
//! hang of the whole command without a name.

use std::sync::LazyLock;

use regex::Regex;

use crate::{File, files, report};

/// Calls that start a thread or block the present one. A `flush` that is awaited does not.
const WAITS: &[&str] = &[
    "thread::spawn",
    "thread::scope",
    "thread::Builder",
    "Barrier::new",
    ".flush();",
    "block_on(",
];

/// Folders and files whose tests end without `within`, and by what.
const OTHERWISE: &[(&str, &str)] = &[
    ("sprag-log/tests/file/killed.rs", "one test is also a process that writes until its end"),
    ("sprag-log/tests/seeds", "as many seeds as the caller wants"),
    ("sprag-runtime/tests/schedules", "the explorer reports a deadlock"),
    ("tests/faults", "each trial has a limit"),
    ("tests/orderings", "the explorer reports a deadlock"),
    ("tests/repository", "code that only this file shows"),
];

#[test]
fn tests_that_could_hang_have_a_deadline() {
    let sources = files(&["rs"]);
    let mistakes: Vec<_> = sources.iter().filter(is_bound).flat_map(without_deadline).collect();
    report(&mistakes);
}

#[test]
fn each_exception_is_there() {
    let sources = files(&["rs"]);
    for (path, reason) in OTHERWISE {
        let is_there = sources.iter().any(|file| file.path.starts_with(path));
        assert!(is_there && !reason.is_empty(), "`{path}` is gone; remove it from `OTHERWISE`");
    }
}

/// Whether the rule holds for a file.
fn is_bound(file: &&File) -> bool {
    let is_test = file.path.components().any(|part| part.as_os_str() == "tests");
    let starts = |folder: &str| file.path.starts_with(folder);
    is_test && !starts("tests/ui") && !OTHERWISE.iter().any(|(path, _)| starts(path))
}

/// The tests of a file that could hang, and the file if its helpers could.
fn without_deadline(file: &File) -> Vec<String> {
    let path = file.path.display();
    let (names, bodies): (Vec<_>, Vec<_>) = tests(&file.text).into_iter().unzip();
    let waiting = names.iter().zip(&bodies).filter(|(_, body)| waits(body) && !is_limited(body));
    let mut mistakes: Vec<_> =
        waiting.map(|(name, _)| format!("{path}: `{name}` could hang; use `within`")).collect();
    if mistakes.is_empty() && !names.is_empty() && waits(&file.text) && !is_limited(&file.text) {
        mistakes.push(format!("{path}: a helper could hang; use `within`"));
    }
    mistakes
}

fn waits(code: &str) -> bool {
    WAITS.iter().any(|wait| code.contains(wait))
}

/// Whether the code calls one of the two functions, and not a method of such a name.
fn is_limited(code: &str) -> bool {
    static CALL: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:^|[^.\w])within(?:_async)?\("));
    CALL.is_match(code)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("it is a pattern")
}

/// The names and bodies of a file's tests. `#[sprag::test]` has a deadline of its own.
fn tests(text: &str) -> Vec<(&str, &str)> {
    static ATTRIBUTE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?m)^( *)#\[(\w+::)*test\b.*\]$"));
    static NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"fn (\w+)"));
    let found = ATTRIBUTE.captures_iter(text).filter(|found| !found[0].contains("[sprag::test"));
    let tests = found.filter_map(|found| {
        let rest = &text[found.get(0).expect("it matches").end()..];
        let body = &rest[..rest.find(&format!("\n{}}}\n", &found[1]))?];
        Some((NAME.captures(body)?.get(1)?.as_str(), body))
    });
    tests.collect()
}

#[test]
fn a_test_without_a_deadline_is_found() {
    let text = "\
#[tokio::test(start_paused = true)]
async fn first() {
    thread::scope(|_| {});
}

#[sprag::test(alone)]
async fn second() {
    thread::spawn(|| ());
}

mod inner {
    #[test]
    fn third() {
        within(LIMIT, || tv.flush());
    }

    #[test]
    fn fourth() {
        tv.flush();
        bridge.flush().await;
    }
}
";
    let file = |text: &str| File { path: "tests/a.rs".into(), text: text.into() };
    let mistake = |name| format!("tests/a.rs: `{name}` could hang; use `within`");
    assert_eq!(without_deadline(&file(text)), [mistake("first"), mistake("fourth")]);

    let helper =
        "fn elsewhere() { thread::spawn(f) }\n\n#[test]\nfn fifth() {\n    elsewhere();\n}\n";
    let missing = "tests/a.rs: a helper could hang; use `within`";
    assert_eq!(without_deadline(&file(helper)), [missing]);
}
