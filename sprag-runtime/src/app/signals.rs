//! Signals: the first asks the app to stop, the second ends the process.

use std::io;
use std::sync::Arc;

use crate::service::{AppContext, StopReason};

/// What a shell reports of a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// Listens from now on, on the supervisor.
///
/// # Errors
///
/// If a handler cannot be installed.
pub(crate) fn watch(context: &Arc<AppContext>) -> io::Result<()> {
    let mut signals = Signals::new()?;
    let context = Arc::clone(context);
    tokio::spawn(async move {
        let signal = signals.next().await;
        context.request_stop(StopReason::Signal(signal));
        signals.next().await;
        // At once: no hook, however it hangs, runs on this thread.
        std::process::exit(INTERRUPTED);
    });
    Ok(())
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt())?;
        let terminate = signal(SignalKind::terminate())?;
        Ok(Self { interrupt, terminate })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn next(&mut self) -> &'static str {
        self.interrupt.recv().await;
        "Ctrl-C"
    }
}
