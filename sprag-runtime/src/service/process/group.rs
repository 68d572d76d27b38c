//! [`ProcessGroup`]: a process group whose members do not outlive this process.
//!
//! The leader of the group is a guard: a shell that waits for the end of a pipe that this
//! process holds. When this process ends, by SIGKILL too, the pipe ends, and the guard
//! kills its whole group. The guard exists before the first member, so no member is ever
//! without it, and the guard is not reaped before the group is killed, so the number of
//! the group cannot be that of another one.

use std::io;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::process::{Child, Command};

/// Ignores the signals that members get, says that it does, and waits for the pipe's end.
const GUARD: &str = "trap '' HUP INT QUIT TERM; echo; read -r _; kill -KILL 0";

/// A process group; its members are killed when this is dropped.
pub(super) struct ProcessGroup {
    guard: Child,
    id: Pid,
}

impl ProcessGroup {
    /// A group of its guard alone.
    pub(super) async fn new() -> io::Result<Self> {
        let mut guard = Command::new("/bin/sh")
            .args(["-c", GUARD])
            .env_clear()
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(no_guard)?;
        let id = guard.id().and_then(|id| Pid::from_raw(id.try_into().ok()?));
        let id = id.ok_or_else(|| no_guard(io::Error::other("it has ended")))?;
        let said = guard.stdout.take();
        let group = Self { guard, id };
        let mut said = said.ok_or_else(|| no_guard(io::Error::other("it has no output")))?;
        // From now on the guard ignores what members get.
        said.read_u8().await.map_err(no_guard)?;
        Ok(group)
    }

    /// Starts `command` as a member.
    pub(super) fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        command.process_group(self.id.as_raw_nonzero().get()).spawn()
    }

    /// Asks all members to end; the guard stays.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Kills all members and the guard.
    pub(super) fn kill(&self) {
        self.send(Signal::KILL);
    }

    fn send(&self, signal: Signal) {
        // The guard is a member that was not reaped, so the group is there.
        let _gone = kill_process_group(self.id, signal).is_err();
    }

    /// Kills all members, and waits until the guard has ended.
    pub(super) async fn end(mut self) {
        self.kill();
        let _reaped = self.guard.wait().await.is_ok();
    }
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
