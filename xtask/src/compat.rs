//! `cargo xtask compat [PART …]`: checks that the crates build as dependencies of other
//! crates, apart from this workspace, its lock file, its newest dependencies and its platform.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::cargo;

/// The crates that users depend on.
const CRATES: &[&str] = &["sprag-macros", "sprag-runtime", "sprag", "sprag-web", "sprag-log"];

/// The features that stand for types of other crates; they differ in nothing else.
const FOREIGN: &str =
    "uuid,jiff,chrono,time,url,bytes,rust_decimal,smol_str,ordered-float,imbl,indexmap";

/// Targets, and the packages and features that make sense there. `s390x` is big-endian.
/// Logs on NATS are not checked: `ring` compiles C for the target, which needs its compiler.
const TARGETS: &[(&str, &str)] = &[
    ("x86_64-pc-windows-gnu", EVERYTHING),
    ("aarch64-apple-darwin", EVERYTHING),
    ("s390x-unknown-linux-gnu", EVERYTHING),
    ("wasm32-unknown-unknown", STATE),
];

/// All but what needs a compiler of C.
const EVERYTHING: &str = "-p sprag -p sprag-web -p sprag-log --features sprag/test";

/// The primitives of state, which need no async runtime and no operating system.
const STATE: &str = "-p sprag --no-default-features --features serde";

/// A check: its name on the command line, what it finds out, and what it runs. An error is a
/// check that could not be made.
type Check = (&'static str, &'static str, fn() -> io::Result<bool>);

const CHECKS: &[Check] = &[
    ("packages", "each crate builds from its package alone", packages),
    ("features", "all sets of features", features),
    ("oldest", "the oldest dependencies that the manifests allow", oldest_dependencies),
    ("compiler", "the oldest compiler that the manifests allow", oldest_compiler),
    ("targets", "other platforms", targets),
    ("abort", "panics that end the process", abort),
    ("docs", "the documentation as docs.rs builds it", docs),
    ("licences", "licences and sources of the dependencies", licences),
    ("advisories", "advisories about the dependencies", advisories),
    ("semver", "the public API since the last release", semver),
];

/// Runs the checks of these names, or all. A tool that is not on this machine is named, and
/// its check skipped.
pub(crate) fn check(parts: &[String]) -> bool {
    if let Some(unknown) = parts.iter().find(|part| CHECKS.iter().all(|check| check.0 != **part)) {
        let names: Vec<_> = CHECKS.iter().map(|check| check.0).collect();
        eprintln!("no part `{unknown}`; there are {}", names.join(", "));
        return false;
    }
    let wanted = |check: &&Check| parts.is_empty() || parts.iter().any(|part| part == check.0);
    // `&`, since a failed check does not end the run.
    CHECKS.iter().filter(wanted).fold(true, |passed, check| passed & passes(check))
}

fn passes((name, what, check): &Check) -> bool {
    eprintln!("\n== {name}: {what}");
    match check() {
        Ok(true) => true,
        Ok(false) => {
            eprintln!("`{name}` failed");
            false
        }
        Err(error) => {
            eprintln!("skipped: {error}");
            true
        }
    }
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

/// Checks every set of features, where those of other crates' types count as one; and each of
/// these alone.
fn features() -> io::Result<bool> {
    tool("hack")?;
    let mut sets = cargo();
    sets.args(["hack", "check", "--quiet", "--feature-powerset", "--group-features", FOREIGN]);
    let mut each = cargo();
    each.args(["hack", "check", "--quiet", "--each-feature"]);
    Ok(run(sets.args(["-p", "sprag", "-p", "sprag-runtime"]))? && run(each.args(named()))?)
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

fn oldest_compiler() -> io::Result<bool> {
    let version = concat!(env!("CARGO_PKG_RUST_VERSION"), ".0");
    toolchain(version)?;
    let mut check = Command::new("cargo");
    check.arg(format!("+{version}")).args(["check", "--quiet", "--all-features"]).args(named());
    run(on_toolchain(check.args(["--target-dir", "target/oldest-compiler"])))
}

/// Checks each target that `rustup target add` has installed.
fn targets() -> io::Result<bool> {
    let installed = Command::new("rustup").args(["target", "list", "--installed"]).output()?;
    let installed = String::from_utf8_lossy(&installed.stdout).into_owned();
    let mut passed = true;
    for (target, what) in TARGETS {
        if installed.lines().any(|line| line == *target) {
            let mut check = cargo();
            check.args(["check", "--quiet", "--target", target]).args(what.split(' '));
            passed &= run(&mut check)?;
        } else {
            eprintln!("skipped: `rustup target add {target}` first");
        }
    }
    Ok(passed)
}

/// With `panic = "abort"` nothing is caught, and all else is the same.
fn abort() -> io::Result<bool> {
    let mut check = cargo();
    check.args(["check", "--quiet", "--all-features", "--target-dir", "target/abort"]);
    run(check.args(named()).env("CARGO_PROFILE_DEV_PANIC", "abort"))
}

/// docs.rs documents by a nightly compiler, with the options of each manifest.
fn docs() -> io::Result<bool> {
    toolchain("nightly")?;
    let mut doc = Command::new("cargo");
    doc.args(["+nightly", "doc", "--quiet", "--no-deps", "--all-features"]).args(named());
    doc.env("RUSTDOCFLAGS", "--cfg docsrs -D warnings").env("DOCS_RS", "1");
    run(on_toolchain(doc.args(["--target-dir", "target/docs-rs"])))
}

fn licences() -> io::Result<bool> {
    tool("deny")?;
    run(cargo().args(["deny", "check", "licenses", "bans", "sources"]))
}

fn advisories() -> io::Result<bool> {
    tool("deny")?;
    let mut fetch = cargo();
    if !fetch.args(["deny", "fetch", "db"]).stderr(Stdio::null()).status()?.success() {
        return Err(io::Error::other("the advisories cannot be fetched"));
    }
    run(cargo().args(["deny", "check", "--disable-fetch", "advisories"]))
}

/// Compares with the newest tag `v…`, or with the revision that `SPRAG_BASELINE` names.
fn semver() -> io::Result<bool> {
    tool("semver-checks")?;
    let baseline = match env::var("SPRAG_BASELINE") {
        Ok(revision) => revision,
        Err(_) => newest_release()?,
    };
    let mut check = cargo();
    check.args(["semver-checks", "check-release", "--all-features", "--baseline-rev", &baseline]);
    // The tool does not read the code that macros write.
    let libraries = CRATES.iter().filter(|name| **name != "sprag-macros");
    run(check.args(libraries.flat_map(|name| ["--package", name])))
}

fn newest_release() -> io::Result<String> {
    let mut git = Command::new("git");
    let output = git.args(["describe", "--tags", "--abbrev=0", "--match", "v*"]).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(io::Error::other("there is no release; `SPRAG_BASELINE` names a revision"))
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

/// Whether rustup has the toolchain `name`.
fn toolchain(name: &str) -> io::Result<()> {
    let output = Command::new("rustup").args(["run", name, "rustc", "--version"]).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("`rustup toolchain install {name}` first")))
}

/// Removes what the running cargo says to the next one about its own toolchain.
fn on_toolchain(command: &mut Command) -> &mut Command {
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("RUSTC").env_remove("CARGO")
}

fn run(command: &mut Command) -> io::Result<bool> {
    Ok(command.status()?.success())
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
