//! Runs cargo and measures the processor time of cargo and its child processes.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Whether the compilation is incremental.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Incremental {
    /// The compiler checks everything again.
    No,
    /// The compiler checks only the changed parts again, as on a developer's machine.
    Yes,
}

/// Runs cargo in `folder`; returns processor seconds.
pub(crate) fn cargo(
    folder: &Path,
    arguments: &[&str],
    incremental: Incremental,
) -> io::Result<f64> {
    let before = children();
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(arguments)
        .arg("--quiet")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("CARGO_INCREMENTAL", if let Incremental::Yes = incremental { "1" } else { "0" })
        .stdin(Stdio::null())
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("`cargo {}` failed", arguments.join(" "))));
    }
    Ok(children() - before)
}

/// Processor seconds of all children that have ended, and of theirs.
fn children() -> f64 {
    let usage =
        getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system counts its processes' time");
    (usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6
}
