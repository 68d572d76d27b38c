//! `cargo xtask compat`: checks that the crates build as dependencies of other crates,
//! apart from this workspace, its lock file and its newest dependencies.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{fs, io};

use crate::cargo;

/// The crates that users depend on.
const CRATES: &[&str] = &["sprag-macros", "sprag-runtime", "sprag", "sprag-web"];

/// A check: its name, and what it runs. An error is a check that could not be made.
type Check = (&'static str, fn() -> io::Result<bool>);

const CHECKS: &[Check] = &[
    ("each crate builds from its package alone", packages),
    ("each feature alone, and all but each", features),
    ("the oldest dependencies that the manifests allow", oldest_dependencies),
    ("licences and sources of the dependencies", licences),
];

/// Runs all checks. A tool that is not on this machine is named, and its check skipped.
pub(crate) fn check() -> bool {
    let mut passed = true;
    for (name, check) in CHECKS {
        eprintln!("\n== {name}");
        match check() {
            Ok(true) => {}
            Ok(false) => {
                eprintln!("`{name}` failed");
                passed = false;
            }
            Err(error) => eprintln!("skipped: {error}"),
        }
    }
    passed
}

fn packages() -> io::Result<bool> {
    // Cargo keeps what it unpacked by the path of the target directory, also when a package
    // has changed since: each run has a path of its own.
    let target = root().join(format!("target/packages-{}", std::process::id()));
    let mut package = cargo();
    // `--allow-dirty`, so that a change can be checked before it is committed.
    package.args(["package", "--quiet", "--allow-dirty"]).args(named());
    let passed = run(package.arg("--target-dir").arg(&target))?;
    fs::remove_dir_all(&target)?;
    Ok(passed)
}

fn features() -> io::Result<bool> {
    tool("hack")?;
    run(cargo().args(["hack", "check", "--quiet", "--each-feature"]).args(named()))
}

/// Checks a clone whose dependencies are the oldest that `Cargo.toml` allows.
fn oldest_dependencies() -> io::Result<bool> {
    tool("hack")?;
    let (root, clone) = (root(), root().join("target/oldest"));
    if clone.exists() {
        fs::remove_dir_all(&clone)?;
    }
    let mut git = Command::new("git");
    git.args(["clone", "--quiet", "--depth=1"]).arg(format!("file://{}", root.display()));
    if !run(git.arg(&clone))? {
        return Ok(false);
    }
    // The dependencies of tests are not the users', and are removed from the manifests.
    let mut strip = cargo();
    strip.args(["hack", "tree", "--quiet", "--remove-dev-deps", "--workspace"]);
    let mut update = cargo();
    // The option is not stable; the compiler and the build are.
    update.args(["update", "--quiet", "-Zdirect-minimal-versions"]).env("RUSTC_BOOTSTRAP", "1");
    let mut build = cargo();
    build
        .args(["check", "--quiet", "--all-features"])
        .args(named())
        .env("CARGO_TARGET_DIR", "target");
    for command in [strip.stdout(Stdio::null()), &mut update, &mut build] {
        if !run(command.current_dir(&clone))? {
            return Ok(false);
        }
    }
    fs::remove_dir_all(&clone)?;
    Ok(true)
}

fn licences() -> io::Result<bool> {
    tool("deny")?;
    run(cargo().args(["deny", "check", "licenses", "bans", "sources"]))
}

/// `--package` for each of the crates that users depend on.
fn named() -> impl Iterator<Item = &'static str> {
    CRATES.iter().flat_map(|name| ["--package", name])
}

/// Whether cargo has the subcommand `name`.
fn tool(name: &str) -> io::Result<()> {
    let output = cargo().args([name, "--version"]).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("`cargo install cargo-{name}` first")))
}

fn run(command: &mut Command) -> io::Result<bool> {
    Ok(command.status()?.success())
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
