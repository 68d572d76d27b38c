//! The doctests of the clone.
//!
//! rustdoc compiles all doctests of a package into one program, and removes the program when it
//! has run. Here a runner keeps the programs and does not run them. Such a program runs the one
//! test whose number an environment variable has.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use super::process::bounded;
use super::tests::{Harness, Test};
use super::tree::Checkout;

/// Keeps the program whose name follows, in the folder of its package.
const KEEP: &str = r#"mkdir -p "$0/$CARGO_PKG_NAME"; cp "$1" "$0/$CARGO_PKG_NAME/$$""#;

/// All doctests of a package end within this time.
const LIMIT: Duration = Duration::from_secs(120);

/// Builds the doctests of `packages`, unless the kept ones are newer than `code`, and lists them.
pub(crate) fn build(tree: &Checkout, packages: &[&str], code: SystemTime) -> io::Result<Vec<Test>> {
    let kept = tree.kept().join("doctests");
    let built = |package: &&str| {
        let time = fs::metadata(kept.join(package)).and_then(|kept| kept.modified());
        time.is_ok_and(|time| time > code)
    };
    if !packages.iter().all(built) {
        // A build that was interrupted must not look like one that was not.
        let begun = kept.with_extension("begun");
        let _absent = fs::remove_dir_all(&begun);
        compile(tree, packages, &begun)?;
        let _absent = fs::remove_dir_all(&kept);
        fs::rename(begun, &kept)?;
    }
    let mut tests = Vec::new();
    for package in packages {
        tests.extend(list(tree, package, &kept.join(package))?);
    }
    Ok(tests)
}

/// All packages at once, as the other tests are built, so that they have one build of the library.
fn compile(tree: &Checkout, packages: &[&str], kept: &Path) -> io::Result<()> {
    let runner = format!("target.'cfg(all())'.runner=['sh', '-c', '{KEEP}', '{}']", kept.display());
    let mut command = tree.cargo();
    command.args(["test", "--doc", "--all-features", "--config", &runner]);
    command.args(packages.iter().map(|package| format!("--package={package}")));
    let output = command.stderr(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    Err(io::Error::other(format!("the doctests do not compile:\n{printed}")))
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
