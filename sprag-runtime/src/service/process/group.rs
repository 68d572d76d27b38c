//! [`ProcessGroup`]: a process group whose members do not outlive this process.
//!
//! The leader of the group is a guard: a shell that waits for the end of a pipe that this
//! process holds. When this process ends, even by SIGKILL, the pipe ends, and the guard
//! kills its whole group. The guard exists before the first member, so no member is ever
//! without it. The guard is not reaped before the group is killed, so the group's number
//! cannot be that of another group.

use std::io;
use std::panic::catch_unwind;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};
use tokio::runtime::Handle as Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::isolate::discard;

/// Ignores the signals that members receive, confirms that, and waits for the pipe's end.
const GUARD: &str = "trap '' HUP INT QUIT TERM; echo; read -r _; kill -KILL 0";

/// A process group; its members are killed when this is dropped.
pub(super) struct ProcessGroup {
    guard: Child,
    id: Pid,
    /// The runtime that members are started on, whichever runtime polls.
    runtime: Runtime,
}

impl ProcessGroup {
    /// Creates a group that contains only its guard.
    pub(super) async fn new(runtime: &Runtime) -> io::Result<Self> {
        let mut guard = start_guard(runtime)?;
        let id = guard.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        let id = id.ok_or_else(|| no_guard(io::Error::other("it has ended")))?;
        let said = guard.stdout.take();
        let group = Self { guard, id, runtime: runtime.clone() };
        let mut said = said.ok_or_else(|| no_guard(io::Error::other("it has no output")))?;
        // From here on the guard ignores the signals that members receive.
        said.read_u8().await.map_err(no_guard)?;
        Ok(group)
    }

    /// Starts `command` as a member.
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        let _runtime = self.runtime.enter();
        command.process_group(self.id.as_raw_nonzero().get()).spawn()
    }

    /// Sends SIGTERM to all members; the guard ignores it.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Kills all members and the guard.
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        // The guard is a member and was not reaped, so the group exists.
        let _gone = kill_process_group(self.id, signal).is_err();
    }

    /// Kills all members, and waits until the guard has ended.
    pub(super) async fn end(mut self) {
        self.kill();
        let _reaped = self.guard.wait().await.is_ok();
    }
}

fn start_guard(runtime: &Runtime) -> io::Result<Child> {
    let _runtime = runtime.enter();
    require_io()?;
    Command::new("/bin/sh")
        .args(["-c", GUARD])
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(no_guard)
}

/// An error, if the present runtime cannot wait for processes. tokio reports this only with
/// a panic, so the check comes before anything is started.
fn require_io() -> io::Result<()> {
    let waits = || signal(SignalKind::child());
    catch_unwind(waits).map_or_else(
        |payload| {
            discard(payload);
            let message = "a runtime without I/O runs no processes; build it with `enable_all`";
            Err(io::Error::new(io::ErrorKind::Unsupported, message))
        },
        |listener| listener.map(drop),
    )
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        if self.guard.id().is_some() {
            self.kill();
        }
    }
}

fn no_guard(error: io::Error) -> io::Error {
    let message = format!("the guard of a process group, `/bin/sh`, does not run: {error}");
    io::Error::new(error.kind(), message)
}
