//! [`skip`]: a test that this machine cannot run says so.

use std::env;
use std::fs::OpenOptions;
use std::io::{Write, stderr};

use crate::test_name;

/// The variable with the file in which `cargo xtask test` collects the skips of all programs.
const LIST: &str = "SPRAG_SKIPS";

/// Reports that the present test is skipped for `reason`, although it passes: a line on standard
/// error, which the harness does not capture, and a line of the list that `cargo xtask test`
/// prints at its end.
pub fn skip(reason: &str) {
    let test = test_name();
    // A test without standard error has the list.
    let _ = writeln!(stderr(), "skipped `{test}`: {reason}");
    if let Some(list) = env::var_os(LIST) {
        let list = OpenOptions::new().create(true).append(true).open(list);
        // One write, beside those of other programs.
        let noted = list.and_then(|mut list| list.write_all(line(reason, &test).as_bytes()));
        noted.expect("the list of skips can be written");
    }
}

fn line(reason: &str, test: &str) -> String {
    format!("{reason}\t{test}\n")
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const CHILD: &str = "SPRAG_SKIPS_CHILD";

    /// Runs in a process of its own, where the harness captures the output of tests that pass.
    #[test]
    fn a_skip_is_on_standard_error_and_in_the_list() {
        if env::var_os(CHILD).is_some() {
            return skip("no server");
        }
        let list = env::temp_dir().join(format!("sprag-skips-{}", std::process::id()));
        let name = "skips::tests::a_skip_is_on_standard_error_and_in_the_list";
        let mut command = Command::new(env::current_exe().expect("this program has a path"));
        command.args(["--exact", name]).env(CHILD, "1").env(LIST, &list);
        let ended = command.output().expect("this program starts");
        let noted = std::fs::read_to_string(&list);
        std::fs::remove_file(&list).expect("the list is there");
        assert!(ended.status.success(), "a skip passes");
        assert_eq!(noted.expect("text"), line("no server", name));
        let shown = String::from_utf8_lossy(&ended.stderr);
        assert!(shown.contains(&format!("skipped `{name}`: no server")), "{shown}");
    }
}
