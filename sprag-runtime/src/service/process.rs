//! [`Scope::process`]: child processes that end with their service.

mod command;
mod group;
mod lines;

use std::fmt;
use std::io;
use std::process::{ExitStatus, Output};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;
use tokio::runtime::Handle as Runtime;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use command::{ExpectedExit, OnLine};
pub use command::{OutputLine, OutputStream, ProcessCommand};
use group::ProcessGroup;
use lines::lines;

use super::hook_calls::HookCalls;
use super::scope::Scope;
use crate::error::{Error, Result, Stopped};
use crate::isolate::quietly;
use crate::task::TaskName;

/// The most bytes of one stream that [`Scope::output`] collects.
const LONGEST_OUTPUT: u64 = 16 * 1_024 * 1_024;

/// How long the last lines of a killed group may take to be passed on.
const LAST_LINES: Duration = Duration::from_millis(500);

impl Scope {
    /// Starts a child process that ends with the service.
    ///
    /// The process runs in a new process group, together with all processes that it starts.
    /// **Stop:** when the service's tasks are cancelled, the group receives SIGTERM, and
    /// after the command's grace SIGKILL. When the process itself has ended, the rest of
    /// its group is killed once its output has ended, at the latest after the grace. **If
    /// this process ends**, even by SIGKILL, the group is killed. A process that leaves its
    /// group (`setsid`, a daemon) is not reached; if it holds the output, its lines are
    /// passed on until the stop, which does not wait for it.
    ///
    /// **Failure:** an exit code other than 0, or a signal, is a failure of the service,
    /// like the failure of a task. A process that had to be killed after the grace is
    /// counted in the health and the report.
    ///
    /// **Output:** tasks of the scope pass each line to the command's
    /// [`on_line`](ProcessCommand::on_line), or to `tracing`.
    ///
    /// **Cost:** one more process each, a `/bin/sh` that guards the group. Available on all
    /// Unix systems, not only on Linux.
    ///
    /// # Errors
    ///
    /// The operating system's error, if the process or its guard cannot be started; of kind
    /// `NotConnected`, if the service has stopped; of kind `Unsupported`, if the app's
    /// runtime was built without `enable_io`.
    ///
    /// ```
    /// # use sprag::{prelude::*, start_with};
    /// use sprag::service::ProcessCommand;
    ///
    /// # pub struct Player { scope: Scope }
    /// #[service]
    /// impl Player {
    ///     # fn new(scope: &Scope) -> Self { Self { scope: scope.clone() } }
    ///     async fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
    ///         let greeter = ProcessCommand::new("echo").arg("hello");
    ///         let process = scope.process(greeter).await?; // `hello` goes to the log
    ///         assert!(process.ended().await.expect("not stopped before").success());
    ///         Ok(())
    ///     }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// # let player = Player::new(&scope);
    /// # assert!(start_with(scope, player).await?.stop().await.is_clean());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn process(&self, command: ProcessCommand) -> io::Result<ManagedProcess> {
        let ProcessCommand { mut command, name, grace, exit, on_line, on_failure } = command;
        let (group, mut child) = start(self.runtime(), &mut command, &name).await?;
        let (id, stop, name) = (child.id(), self.token().child_token(), TaskName::from(name));
        let calls = Arc::new(self.calls(name.clone()));
        let end = GroupEnd { over: CancellationToken::new(), stop: stop.clone() };
        let printed = self.read_output(&name, &mut child, on_line, &calls, &end)?;
        let (report, ended) = watch::channel(None);
        let running = RunningGroup { group, child, grace, end, calls };
        let run = running.run_as(name.clone(), exit, printed, report);
        let spawned = match on_failure {
            Some(rule) => self.spawn_with(name, rule, run),
            None => self.spawn_named(name, run),
        };
        spawned.map_err(not_connected)?;
        Ok(ManagedProcess { id, stop, ended })
    }

    /// Passes on the lines of a process, with one task for each stream.
    fn read_output(
        &self,
        name: &TaskName,
        child: &mut Child,
        on_line: Option<OnLine>,
        calls: &Arc<HookCalls>,
        end: &GroupEnd,
    ) -> io::Result<Printed> {
        let f = self.line_reader(name, on_line);
        let (printing, printed) = tokio::sync::mpsc::channel(1);
        let output = [
            (OutputStream::Stdout, child.stdout.take().map(boxed)),
            (OutputStream::Stderr, child.stderr.take().map(boxed)),
        ];
        for (stream, output) in output {
            let (f, calls, printing) = (Arc::clone(&f), Arc::clone(calls), printing.clone());
            let end = end.clone();
            let read = async move {
                let pass = |text: &str| calls.call(|| f(OutputLine { stream, text }));
                if let Some(output) = output {
                    tokio::select! {
                        () = lines(output, pass) => {}
                        () = end.reached() => {}
                    }
                }
                drop(printing);
            };
            self.spawn_named(format!("{name} output"), read).map_err(not_connected)?;
        }
        Ok(printed)
    }

    /// Runs a process to its end and returns its output.
    ///
    /// The process runs in a process group of its own, like one of
    /// [`process`](Self::process). The group is killed when the process and its output have
    /// ended, when the service's tasks are cancelled, and when the future is dropped. An
    /// exit code other than 0 is not an error: check the status. The command's other
    /// settings have no effect.
    ///
    /// # Errors
    ///
    /// The operating system's error, if the process cannot be started or read; of kind
    /// `Interrupted`, if the service stops first; of kind `FileTooLarge`, if the process
    /// prints more than 16 MiB to one of its streams.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// # let scope = Scope::new("player");
    /// use sprag::service::ProcessCommand;
    ///
    /// let output = scope.output(ProcessCommand::new("echo").arg("hello")).await?;
    /// assert_eq!(output.stdout, b"hello\n");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn output(&self, command: ProcessCommand) -> io::Result<Output> {
        let ProcessCommand { mut command, name, .. } = command;
        let (group, mut child) = start(self.runtime(), &mut command, &name).await?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let run = async { tokio::try_join!(all(stdout), all(stderr), child.wait()) };
        let ended = self.token().run_until_cancelled(run).await;
        group.end().await;
        let stopped = || io::Error::from(io::ErrorKind::Interrupted);
        let (stdout, stderr, status) = ended.ok_or_else(stopped)??;
        Ok(Output { status, stdout, stderr })
    }

    fn runtime(&self) -> &Runtime {
        &self.context().runtime
    }

    /// The receiver of the lines of a process.
    fn line_reader(&self, process: &TaskName, on_line: Option<OnLine>) -> OnLine {
        let (service, process) = (self.shared_name(), process.clone());
        on_line.unwrap_or_else(|| {
            Arc::new(move |line| {
                let (service, process, text) = (&*service, &*process, line.text());
                quietly(|| match line.stream() {
                    OutputStream::Stdout => tracing::info!(service, process, "{text}"),
                    OutputStream::Stderr => tracing::warn!(service, process, "{text}"),
                });
            })
        })
    }
}

/// A group and its first member.
async fn start(
    runtime: &Runtime,
    command: &mut tokio::process::Command,
    name: &str,
) -> io::Result<(ProcessGroup, Child)> {
    let group = ProcessGroup::new(runtime).await?;
    let child = group.spawn(command).map_err(|error| {
        io::Error::new(error.kind(), format!("process `{name}` cannot be started: {error}"))
    })?;
    Ok((group, child))
}

fn boxed(output: impl AsyncRead + Send + Unpin + 'static) -> Box<dyn AsyncRead + Send + Unpin> {
    Box::new(output)
}

async fn all(output: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(output) = output {
        output.take(LONGEST_OUTPUT + 1).read_to_end(&mut bytes).await?;
    }
    if bytes.len() as u64 > LONGEST_OUTPUT {
        let message = "the process printed more than 16 MiB, and was killed";
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Ends when all clones of the sender are dropped.
type Printed = tokio::sync::mpsc::Receiver<()>;

fn not_connected(_: Stopped) -> io::Error {
    io::ErrorKind::NotConnected.into()
}

/// The end of a group, after which only a process that left the group can hold its output.
#[derive(Clone)]
struct GroupEnd {
    stop: CancellationToken,
    /// Cancelled when the group was killed and its last lines were passed on.
    over: CancellationToken,
}

impl GroupEnd {
    /// Waits until the group has ended and its output is no longer wanted.
    async fn reached(&self) {
        self.over.cancelled().await;
        self.stop.cancelled().await;
    }
}

/// A running process, and the values that its task needs.
struct RunningGroup {
    group: ProcessGroup,
    child: Child,
    grace: Duration,
    end: GroupEnd,
    calls: Arc<HookCalls>,
}

/// Why a process ended.
enum ProcessEnd {
    Itself,
    Stopped,
}

impl RunningGroup {
    /// Reports how the process `name` ended; an end that `exit` excludes is an error.
    async fn run_as(
        self,
        name: TaskName,
        exit: ExpectedExit,
        printed: Printed,
        report: watch::Sender<Option<ExitStatus>>,
    ) -> Result<()> {
        let (status, end) = self.run(printed).await?;
        report.send_replace(Some(status));
        match (end, exit) {
            (ProcessEnd::Stopped, _) => Ok(()),
            (ProcessEnd::Itself, ExpectedExit::Success) if status.success() => Ok(()),
            (ProcessEnd::Itself, _) => {
                Err(Error::msg(format_args!("process `{name}` ended: {status}")))
            }
        }
    }

    /// Waits for the end of the process, and ends its group.
    async fn run(mut self, mut printed: Printed) -> Result<(ExitStatus, ProcessEnd)> {
        let (status, end) = tokio::select! {
            status = self.child.wait() => (status?, ProcessEnd::Itself),
            () = self.end.stop.cancelled() => (self.terminate().await?, ProcessEnd::Stopped),
        };
        within(self.grace, &mut printed).await;
        self.group.end().await;
        within(self.grace.min(LAST_LINES), &mut printed).await;
        self.end.over.cancel();
        Ok((status, end))
    }

    /// Sends SIGTERM to the group, and kills it after the grace.
    async fn terminate(&mut self) -> io::Result<ExitStatus> {
        self.group.terminate();
        tokio::select! {
            biased;
            status = self.child.wait() => return status,
            () = real_time(self.grace) => {}
        }
        let grace = self.grace;
        self.calls
            .failed(&format!("it did not end within {grace:?} after SIGTERM, and was killed"));
        self.group.kill();
        self.child.wait().await
    }
}

/// Waits for the end of the output, at most for `limit`.
async fn within(limit: Duration, printed: &mut Printed) {
    tokio::select! {
        _ = printed.recv() => {}
        () = real_time(limit) => {}
    }
}

/// Waits on a thread, since processes do not follow a clock that a test has paused.
async fn real_time(duration: Duration) {
    let (end, ended) = mpsc::channel::<()>();
    let wait = tokio::task::spawn_blocking(move || ended.recv_timeout(duration));
    // The thread ends when this future is dropped.
    let _end = end;
    let _elapsed = wait.await.is_ok();
}

/// A child process that a scope owns. Dropping this does nothing to the process.
///
/// ```
/// # use sprag::prelude::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// # let scope = Scope::new("player");
/// use sprag::service::ProcessCommand;
///
/// let process = scope.process(ProcessCommand::new("sleep").arg("1000")).await?;
/// assert!(process.id().is_some() && process.status().is_none());
/// process.stop(); // SIGTERM, then SIGKILL
/// assert!(!process.ended().await.expect("it has ended").success());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ManagedProcess {
    id: Option<u32>,
    stop: CancellationToken,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl ManagedProcess {
    /// The process id; `None` if the process ended at once.
    pub fn id(&self) -> Option<u32> {
        self.id
    }

    /// Begins to stop the process as a stop of its service does, and returns at once. The
    /// process's end is then not a failure.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// How the process ended; `None` while the process or its group runs.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.ended.borrow()
    }

    /// Waits until the process and its group have ended. `None` if the service's grace
    /// expired first, so that the group was killed without waiting for its status.
    pub async fn ended(&self) -> Option<ExitStatus> {
        let mut ended = self.ended.clone();
        ended.wait_for(Option::is_some).await.ok().and_then(|status| *status)
    }
}

impl fmt::Debug for ManagedProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedProcess")
            .field("id", &self.id)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn s10_an_output_may_have_16_mib_and_no_more() {
        let longest = usize::try_from(LONGEST_OUTPUT).unwrap();
        let mut output = vec![7; longest];
        assert_eq!(all(Some(&output[..])).await.unwrap().len(), longest);
        output.push(7);
        let error = all(Some(&output[..])).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(all(None::<&[u8]>).await.unwrap().is_empty());
    }
}
