//! The doctests of the clone.
//!
//! rustdoc compiles all doctests of a package into one program, and removes the program when it
//! has run. Here a runner keeps the program and does not run it. The program runs the one test
//! whose number an environment variable has.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use super::process::bounded;
use super::tests::{Harness, Test};
use super::tree::Checkout;

/// Keeps the program whose name follows, in the folder that comes before.
const KEEP: &str = r#"cp "$1" "$0/$$""#;

/// All doctests of a package end within this time.
const LIMIT: Duration = Duration::from_secs(120);

/// Builds the doctests of `package`, unless the kept ones are newer than `code`, and lists them.
pub(crate) fn build(tree: &Checkout, package: &str, code: SystemTime) -> io::Result<Vec<Test>> {
    let kept = tree.kept().join("doctests").join(package);
    if fs::metadata(&kept).and_then(|kept| kept.modified()).is_ok_and(|time| time > code) {
        return list(tree, package, &kept);
    }
    let _absent = fs::remove_dir_all(&kept);
    fs::create_dir_all(&kept)?;
    compile(tree, package, &kept)?;
    list(tree, package, &kept)
}

fn compile(tree: &Checkout, package: &str, kept: &Path) -> io::Result<()> {
    let runner = format!("target.'cfg(all())'.runner=['sh', '-c', '{KEEP}', '{}']", kept.display());
    let mut command = tree.cargo();
    command.args(["test", "--doc", "--all-features", "--package", package, "--config", &runner]);
    let output = command.stderr(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    fs::remove_dir_all(kept)?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    Err(io::Error::other(format!("the doctests of `{package}` do not compile:\n{printed}")))
}

fn list(tree: &Checkout, package: &str, kept: &Path) -> io::Result<Vec<Test>> {
    let is_root = package == "sprag";
    let folder = if is_root { tree.changed.clone() } else { tree.changed.join(package) };
    let mut tests = Vec::new();
    for entry in fs::read_dir(kept)? {
        let program = entry?.path();
        let test = |number: usize| Test {
            package: package.to_owned(),
            folder: folder.clone(),
            program: program.clone(),
            harness: Harness::Doctests,
            target: "doc".to_owned(),
            name: number.to_string(),
        };
        tests.extend((0..count(&program, &folder)?).map(test));
    }
    Ok(tests)
}

/// The number of tests of a program; one, if the program is a test that rustdoc compiles alone.
fn count(program: &PathBuf, folder: &Path) -> io::Result<usize> {
    let output = bounded(LIMIT).arg(program).current_dir(folder).output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |line: &str| line.strip_prefix("running ")?.split(' ').next()?.parse().ok();
    Ok(printed.lines().find_map(count).unwrap_or(1))
}
