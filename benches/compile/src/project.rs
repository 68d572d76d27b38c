//! The generated workspace, with a crate for each contestant.

use std::cell::Cell;
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cargo::{Incremental, cargo};
use crate::contestants::Contestant;
use crate::sources;

/// The workspace's folder.
#[derive(Debug)]
pub(crate) struct Project {
    folder: PathBuf,
    /// How often a crate was written; each text differs from the one before.
    edition: Cell<u32>,
}

impl Project {
    /// Writes a crate for each of `contestants`, beside the folder of this program, so
    /// that the dependencies stay built from one run to the next.
    pub(crate) fn create<'a>(
        contestants: impl Iterator<Item = &'a Contestant> + Clone,
    ) -> io::Result<Self> {
        let program = env::current_exe()?;
        let target = program.ancestors().nth(2).expect("cargo builds into `target/release`");
        let project = Self { folder: target.join("compile-cost"), edition: Cell::new(0) };
        let names = contestants.clone().map(|contestant| format!("\"{}\"", contestant.krate));
        let workspace = format!(
            "[workspace]\nmembers = [{}]\nresolver = \"3\"\n\n[profile.release]\nstrip = true\n",
            names.collect::<Vec<_>>().join(", ")
        );
        fs::create_dir_all(&project.folder)?;
        fs::write(project.folder.join("Cargo.toml"), workspace)?;
        // The versions of the benchmarks' own lock file, as far as they go.
        fs::copy(benches().join("Cargo.lock"), project.folder.join("Cargo.lock"))?;
        contestants.into_iter().try_for_each(|contestant| project.write(contestant))?;
        Ok(project)
    }

    fn write(&self, contestant: &Contestant) -> io::Result<()> {
        let folder = self.folder.join(contestant.krate);
        let sprag = benches().parent().expect("the benchmarks are in sprag's folder");
        let dependencies = contestant.dependencies.replace("{sprag}", &sprag.display().to_string());
        let manifest = format!(
            "[package]\nname = \"{}\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}",
            contestant.krate
        );
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/main.rs"), sources::program(contestant))?;
        self.edit(contestant)
    }

    /// Changes the name of one field.
    pub(crate) fn edit(&self, contestant: &Contestant) -> io::Result<()> {
        self.edition.update(|edition| edition + 1);
        let library = sources::library(contestant, self.edition.get());
        fs::write(self.folder.join(contestant.krate).join("src/lib.rs"), library)
    }

    /// Checks the library of `contestant`; returns processor seconds.
    pub(crate) fn check(
        &self,
        contestant: &Contestant,
        incremental: Incremental,
    ) -> io::Result<f64> {
        cargo(&self.folder, &["check", "--lib", "--package", contestant.krate], incremental)
    }

    /// Builds the program of `contestant`; returns its size in bytes.
    pub(crate) fn release_size(&self, contestant: &Contestant) -> io::Result<u64> {
        let arguments = ["build", "--release", "--package", contestant.krate];
        cargo(&self.folder, &arguments, Incremental::No)?;
        Ok(self.folder.join("target/release").join(contestant.krate).metadata()?.len())
    }
}

/// The folder of the benchmarks.
fn benches() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate has a folder above it")
}
