//! The environment of a run.

use std::fs;
use std::process::Command;

use serde::{Deserialize, Serialize};
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// The machine, the date and the compiler of a run.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_gib: u64,
    pub(crate) system: String,
    pub(crate) rustc: String,
    /// The commit of sprag, with `+` behind it when there were changes on top.
    pub(crate) commit: String,
    pub(crate) date: String,
    /// Name and version of everything that was measured.
    pub(crate) versions: Vec<(String, String)>,
}

impl Machine {
    /// The present environment, with the versions of `crates`.
    pub(crate) fn here(crates: &[&str]) -> Self {
        let kind = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(kind).ok();
        let cpus = system.as_ref().map_or(&[][..], System::cpus);
        let memory = system.as_ref().map_or(0, System::total_memory);
        let changed = !output("git", &["status", "--porcelain", "--untracked-files=no"]).is_empty();
        Self {
            processor: cpus.first().map_or("?", |cpu| cpu.brand()).trim().to_owned(),
            cores: cpus.len(),
            memory_gib: (memory + (1 << 29)) >> 30,
            system: System::long_os_version().unwrap_or_default(),
            rustc: output("rustc", &["--version"]),
            commit: output("git", &["rev-parse", "--short", "HEAD"])
                + if changed { "+" } else { "" },
            date: jiff::Zoned::now().date().to_string(),
            versions: versions(crates),
        }
    }
}

/// The output of a command, or an empty text if the command cannot run.
fn output(command: &str, arguments: &[&str]) -> String {
    let output = Command::new(command).args(arguments).output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

/// The locked versions of `crates`.
fn versions(crates: &[&str]) -> Vec<(String, String)> {
    let lock = fs::read_to_string(crate::report::folder().join("Cargo.lock")).unwrap_or_default();
    let version = |name: &str| {
        let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some((name.to_owned(), after.split_once('"')?.0.to_owned()))
    };
    crates.iter().filter_map(|name| version(name)).collect()
}
