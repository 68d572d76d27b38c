//! Runs cargo and counts the processor time of all that it starts.

use std::env;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// Whether the compiler keeps what it found out for the next time.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Incremental {
    /// Everything is checked anew.
    No,
    /// What an edit leaves as it was is not checked again, as on a developer's machine.
    Yes,
}

/// Runs cargo in `folder`; gives back processor seconds.
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
