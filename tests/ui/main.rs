//! The compiler's messages: each file in `ui/fail` has its expected message beside it, and
//! a twin in `ui/pass` that differs in the one thing.
//!
//! The cases use every part of sprag, so the test needs all features.
#![cfg(all(feature = "serde", feature = "test"))]

mod pass;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ui_catalogue::{Case, Printed, cases, has_group, page};

/// The most lines that a message may have: one screen.
const SCREEN: usize = 25;

/// Messages that the compiler makes longer and that we cannot shorten. `PatchDiff` cannot
/// name the fields' types in public, since they may be private.
const LONGER: &[(&str, usize)] = &[
    ("cells_model_of_no_state", 29),
    ("cells_patch_needs_eq", 36),
    ("derive_argument_is_no_state", 26),
    ("cells_text_for_a_path", 27),
    ("derive_key_without_hash", 28),
    ("services_future_not_send", 26),
];

fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    cases(&folder).expect("each case has its message and its twin beside it")
}

/// Without a case that passes: such a case builds all dependencies once more, and runs cargo.
#[test]
fn the_compilers_messages_are_the_expected_ones() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn each_corrected_program_is_compiled() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let programs = fs::read_to_string(tests.join("programs/Cargo.toml")).unwrap();
    let paths = programs.lines().filter_map(|line| line.strip_prefix(r#"path = "../ui/pass/"#));
    let paths = paths.map(|path| path.trim_end_matches('"').to_owned());
    let modules = pass::MODULES.iter().map(|name| format!("{name}.rs"));
    let compiled: BTreeSet<String> = modules.chain(paths).collect();
    let folder = tests.join("ui/pass");
    let files = fs::read_dir(folder).expect("the folder is there");
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    // A folder has the modules of a program.
    let files: BTreeSet<String> = names.filter(|name| name.ends_with(".rs")).collect();
    assert_eq!(files, compiled, "a new program is a module of `tests/ui/pass.rs`");
}

#[test]
fn each_mistake_is_one_error_at_its_line() {
    for Case { name, marked, printed, .. } in all() {
        let lines: Option<Vec<usize>> = printed.iter().map(|error| error.line).collect();
        let mut lines = lines.unwrap_or_else(|| panic!("`{name}`: an error in another file"));
        lines.sort_unstable();
        assert_eq!(lines, marked, "`{name}`: errors, and lines marked `//~ ERROR`");
    }
}

#[test]
fn messages_show_nothing_hidden_and_fit_on_a_screen() {
    for Case { name, printed, .. } in all() {
        let longer = LONGER.iter().find(|(longer, _)| *longer == name);
        let most = longer.map_or(SCREEN, |(_, most)| *most);
        for Printed { text, .. } in &printed {
            let shown = text.join("\n");
            assert!(!shows_hidden_name(&shown), "`{name}`:\n{shown}");
            assert!(text.len() <= most, "`{name}` has {} lines:\n{shown}", text.len());
        }
    }
}

/// Whether a word begins like our hidden names. The compiler also draws lines with these
/// characters.
fn shows_hidden_name(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| {
        word.strip_prefix("__").is_some_and(|rest| rest.starts_with(char::is_alphabetic))
    })
}

#[test]
fn each_case_says_the_mistake_and_the_fix() {
    for Case { name, mistake, fix, .. } in all() {
        assert!(mistake.ends_with('.') && fix.ends_with('.'), "`{name}` begins with both");
        assert!(has_group(&name), "`{name}` begins with the name of its group");
    }
}

#[test]
fn the_catalogue_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(written == page(&all()), "run `cargo xtask errors`");
}
