//! The clone that is changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// The commit to clone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ClonedCommit {
    Last,
    /// That of the run before, whose build still serves.
    Same,
}

/// A clone of the last commit, the tree that is changed and built, and what is kept of both.
#[derive(Debug)]
pub(crate) struct Checkout {
    /// The repository that was cloned.
    root: PathBuf,
    /// The clone, as the commit has it.
    pub(crate) clone: PathBuf,
    /// The files of the clone, some of them changed. A file is written only if its text
    /// differs, so that a build is repeated for what is new.
    pub(crate) changed: PathBuf,
    /// The name of the commit.
    pub(crate) commit: String,
}

impl Checkout {
    /// The folder of all that this command keeps: `target/mutants`.
    pub(crate) fn kept(&self) -> PathBuf {
        self.root.join("target/mutants")
    }

    /// An empty folder for what the tests write; each changed tree has one.
    pub(crate) fn scratch(&self) -> io::Result<PathBuf> {
        let scratch = self.changed.join("target/mutants");
        let _absent = fs::remove_dir_all(&scratch);
        fs::create_dir_all(&scratch)?;
        Ok(scratch)
    }

    /// Cargo in the changed tree. The tree and the project share a target directory, so that
    /// dependencies with the same features and profile are built once.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = crate::cargo();
        command
            .current_dir(&self.changed)
            .env("CARGO_TARGET_DIR", crate::target())
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .env("CARGO_INCREMENTAL", "0");
        command
    }
}

/// Clones the last commit, or resets the clone to it. `changed` names the tree to change.
pub(crate) fn cloned(changed: &str, commit: ClonedCommit) -> io::Result<Checkout> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).canonicalize()?;
    let kept = root.join("target/mutants");
    let (clone, changed) = (kept.join("clone"), kept.join(changed));
    let source = root.display().to_string();
    if !clone.exists() {
        git(&["clone", "--quiet", &source, &clone.display().to_string()], &root)?;
    }
    if commit == ClonedCommit::Last {
        git(&["fetch", "--quiet", &source, "HEAD"], &clone)?;
        git(&["reset", "--quiet", "--hard", "FETCH_HEAD"], &clone)?;
    }
    let commit = git(&["rev-parse", "HEAD"], &clone)?.trim().to_owned();
    Ok(Checkout { root, clone, changed, commit })
}

impl Checkout {
    /// Makes the changed tree the clone, but for the files in `kept`.
    pub(crate) fn copy(&self, is_kept: impl Fn(&str) -> bool) -> io::Result<()> {
        let files = |of: &Path| git(&["ls-files"], of);
        let now = files(&self.clone)?;
        let before = self.changed.join("files.txt");
        let stale = fs::read_to_string(&before).unwrap_or_default();
        for file in stale.lines().filter(|file| now.lines().all(|now| now != *file)) {
            let _absent = fs::remove_file(self.changed.join(file));
        }
        for file in now.lines().filter(|file| !is_kept(file)) {
            self.write(file, &fs::read(self.clone.join(file))?)?;
        }
        fs::write(before, now)
    }

    /// Writes a file of the changed tree, if its content differs.
    pub(crate) fn write(&self, file: &str, content: &[u8]) -> io::Result<()> {
        let path = self.changed.join(file);
        if fs::read(&path).is_ok_and(|now| now == content) {
            return Ok(());
        }
        fs::create_dir_all(path.parent().expect("a file is in a folder"))?;
        fs::write(&path, content)
    }
}

fn git(arguments: &[&str], at: &Path) -> io::Result<String> {
    let output = Command::new("git").args(arguments).current_dir(at).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(io::Error::other(format!("git: {}", String::from_utf8_lossy(&output.stderr))))
}
