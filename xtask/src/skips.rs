//! The list of all that `cargo xtask test` skipped, since this machine cannot run it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// The variable with the path of the list, which the `skip` of `test-support` reads.
const LIST: &str = "SPRAG_SKIPS";

/// A reason, a tab and a name in each line: of a test, or of a step of this command.
fn list() -> PathBuf {
    crate::target().join("skips.txt")
}

/// Begins an empty list.
pub(crate) fn begin() {
    let begun = fs::create_dir_all(crate::target()).and_then(|()| fs::write(list(), ""));
    begun.expect("the target directory can be written");
}

/// Lets the tests of `command` note what they skip.
pub(crate) fn collect(command: &mut Command) {
    command.env(LIST, list());
}

/// Notes that `what` is skipped for `reason`.
pub(crate) fn skip(what: &str, reason: &str) {
    eprintln!("skipped {what}: {reason}");
    let list = OpenOptions::new().create(true).append(true).open(list());
    let noted = list.and_then(|mut list| list.write_all(format!("{reason}\t{what}\n").as_bytes()));
    noted.expect("the target directory can be written");
}

/// Prints what was skipped since [`begin`], by its reason.
pub(crate) fn report() {
    eprintln!("\n== skipped on this machine");
    match fs::read_to_string(list()) {
        Ok(list) if list.is_empty() => eprintln!("nothing"),
        Ok(list) => eprint!("{}", page(&list)),
        Err(error) => eprintln!("unknown: `{}` cannot be read: {error}", list().display()),
    }
}

/// The reasons, each with the names that it skips.
fn page(list: &str) -> String {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (reason, what) in list.lines().filter_map(|line| line.split_once('\t')) {
        let names = reasons.entry(reason).or_default();
        // The step of mutants runs a test several times.
        if !names.contains(&what) {
            names.push(what);
        }
    }
    let lines = reasons.iter().map(|(reason, names)| {
        let count = names.len();
        format!("{reason}; so {count} skipped:\n  {}\n", names.join("\n  "))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_there_once_with_all_that_it_skips() {
        let list = "no server\tl1_a\nno browser\tpages\nno server\tl2_b\nno server\tl1_a\n";
        let expected =
            "no browser; so 1 skipped:\n  pages\nno server; so 2 skipped:\n  l1_a\n  l2_b\n";
        assert_eq!(page(list), expected);
    }
}
