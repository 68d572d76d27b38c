//! [`ProcessCommand`]: a child process before its start.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use tokio::process::Command;

use crate::service::failure_policy::OnFailure;

/// A child process before its start, for [`Scope::process`] and [`Scope::output`].
///
/// A [`std::process::Command`] converts into this type. The standard input is empty; the
/// scope reads the standard output and error.
///
/// [`Scope::process`]: crate::service::Scope::process
/// [`Scope::output`]: crate::service::Scope::output
///
/// ```
/// use sprag::service::ProcessCommand;
/// use std::time::Duration;
///
/// let player = ProcessCommand::new("mpv")
///     .args(["--idle", "--no-terminal"])
///     .env("LANG", "C")
///     .grace(Duration::from_secs(1))
///     .keep_running()
///     .on_line(|line| println!("{:?}: {}", line.stream(), line.text()));
/// assert_eq!(player.name(), "mpv");
/// ```
pub struct ProcessCommand {
    pub(super) command: Command,
    pub(super) name: String,
    pub(super) grace: Duration,
    pub(super) exit: ExpectedExit,
    pub(super) on_line: Option<OnLine>,
    pub(super) on_failure: Option<OnFailure>,
}

pub(super) type OnLine = Arc<dyn Fn(OutputLine<'_>) + Send + Sync>;

/// Which exits of a process are not a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExpectedExit {
    /// An exit with code 0.
    Success,
    /// No exit before the stop.
    Never,
}

/// How long a process may take to end after SIGTERM, unless its command says otherwise.
const GRACE: Duration = Duration::from_secs(2);

impl ProcessCommand {
    /// Runs `program`, found as [`std::process::Command`] finds it.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        std::process::Command::new(program).into()
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable of the environment.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the folder in which the process runs.
    pub fn current_dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Sets the name in logs, health and reports. The default is the program's file name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The name in logs, health and reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets how long the process may take to end after SIGTERM, before SIGKILL. The default is
    /// 2 s. The service's own [`grace`](crate::app::Limits::grace) should be longer.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Makes every exit before the stop a failure, even one with exit code 0.
    pub fn keep_running(mut self) -> Self {
        self.exit = ExpectedExit::Never;
        self
    }

    /// Calls `f` with each line of the output, on a thread of the runtime: `f` must not
    /// block. Its panic is counted as a failure. Without this, the lines go to `tracing`.
    pub fn on_line(mut self, f: impl Fn(OutputLine<'_>) + Send + Sync + 'static) -> Self {
        self.on_line = Some(Arc::new(f));
        self
    }

    /// Sets what the app does when the process fails, instead of the service's own rule.
    pub fn on_failure(mut self, rule: OnFailure) -> Self {
        self.on_failure = Some(rule);
        self
    }
}

impl From<std::process::Command> for ProcessCommand {
    fn from(command: std::process::Command) -> Self {
        let name = Path::new(command.get_program()).file_name();
        let name = name.unwrap_or_else(|| command.get_program()).to_string_lossy().into_owned();
        let mut command = Command::from(command);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        let (exit, grace) = (ExpectedExit::Success, GRACE);
        Self { command, name, grace, exit, on_line: None, on_failure: None }
    }
}

impl fmt::Debug for ProcessCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProcessCommand")
            .field("command", self.command.as_std())
            .finish_non_exhaustive()
    }
}

/// A line that a child process wrote, without its line ending. A line of more than 64 KiB
/// is passed in pieces.
#[derive(Clone, Copy, Debug)]
pub struct OutputLine<'a> {
    pub(super) stream: OutputStream,
    pub(super) text: &'a str,
}

impl<'a> OutputLine<'a> {
    /// The stream that the process wrote the line to.
    pub fn stream(&self) -> OutputStream {
        self.stream
    }

    /// The line. Bytes that are not UTF-8 are replaced by `U+FFFD`.
    pub fn text(&self) -> &'a str {
        self.text
    }
}

/// The standard output or the standard error of a child process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OutputStream {
    /// The standard output.
    Stdout,
    /// The standard error.
    Stderr,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s10_a_process_has_the_name_of_its_program_or_one_of_its_own() {
        let player = ProcessCommand::new("/usr/bin/mpv");
        assert_eq!(player.name(), "mpv");
        assert_eq!(player.named("player").name(), "player");
    }
}
