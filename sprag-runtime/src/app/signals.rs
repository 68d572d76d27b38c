//! Signals: the first one stops the app, the second one ends the process.
//!
//! One thread of the process watches the signals and does nothing else, from the start of
//! the first app with `stop_on_signals` to the end of the process. A second signal therefore
//! works whatever the hooks, the log or a blocked pipe are doing, even after the stop; and
//! a process without a running app ends at a signal as any other process does.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use crate::service::{AppContext, StopReason};
use crate::sync::StaticMutex;

/// The exit code that a shell reports for an interrupted process.
const INTERRUPTED: i32 = 130;

/// Held briefly; no user code runs under this lock.
static WATCHER: StaticMutex<SignalWatcher> =
    StaticMutex::new(SignalWatcher { running: false, asked: false, apps: Vec::new() });

struct SignalWatcher {
    /// Whether the thread runs.
    running: bool,
    /// Whether a signal has requested a stop of an app of this process.
    asked: bool,
    apps: Vec<WatchedApp>,
}

struct WatchedApp {
    context: Arc<AppContext>,
    /// Whether a signal has requested a stop of this app.
    asked: bool,
}

/// Signals stop the app until this is dropped.
pub(crate) struct Watched {
    context: Arc<AppContext>,
}

/// Signals stop the app from now on.
///
/// # Errors
///
/// If the thread or the signal handlers cannot be made.
pub(crate) fn watch(context: &Arc<AppContext>) -> io::Result<Watched> {
    let mut watcher = WATCHER.lock();
    if !watcher.running {
        spawn()?;
        watcher.running = true;
    }
    watcher.apps.push(WatchedApp { context: Arc::clone(context), asked: false });
    Ok(Watched { context: Arc::clone(context) })
}

impl Drop for Watched {
    fn drop(&mut self) {
        let is_this = |app: &WatchedApp| Arc::ptr_eq(&app.context, &self.context);
        let mut watcher = WATCHER.lock();
        let at = watcher.apps.iter().position(is_this);
        let removed = at.map(|at| watcher.apps.swap_remove(at));
        drop(watcher);
        drop(removed);
    }
}

/// Spawns the thread, and waits until the handlers are installed.
fn spawn() -> io::Result<()> {
    let (ready, installed) = sync_channel(1);
    thread::Builder::new().name("sprag signals".into()).spawn(move || forever(&ready))?;
    installed.recv().unwrap_or_else(|_| Err(io::Error::other("the watcher has ended")))
}

fn forever(ready: &SyncSender<io::Result<()>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let signals = runtime.and_then(|runtime| {
        let entered = runtime.enter();
        let signals = os::Signals::new()?;
        drop(entered);
        Ok((runtime, signals))
    });
    match signals {
        Ok((runtime, mut signals)) => {
            let _waiting = ready.send(Ok(()));
            loop {
                received(runtime.block_on(signals.next()));
            }
        }
        Err(error) => drop(ready.send(Err(error))),
    }
}

/// Stops the apps that no earlier signal has stopped. If there are none, ends the process.
fn received(signal: os::Signal) {
    let mut watcher = WATCHER.lock();
    let new = watcher.apps.iter_mut().filter(|app| !app.asked);
    let ask = |app: &mut WatchedApp| {
        app.asked = true;
        Arc::clone(&app.context)
    };
    let apps: Vec<Arc<AppContext>> = new.map(ask).collect();
    let asked_before = watcher.asked;
    watcher.asked |= !apps.is_empty();
    drop(watcher);
    match (apps.is_empty(), asked_before) {
        (true, true) => os::exit(INTERRUPTED),
        (true, false) => os::die(signal),
        (false, _) => {
            for context in apps {
                context.request_stop(StopReason::Signal(os::name(signal)));
            }
        }
    }
}

#[cfg(unix)]
mod os {
    use std::io;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::low_level;
    use tokio::signal::unix::{self, SignalKind, signal};

    pub(super) type Signal = i32;

    pub(super) struct Signals {
        interrupt: unix::Signal,
        terminate: unix::Signal,
    }

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            let interrupt = signal(SignalKind::interrupt())?;
            let terminate = signal(SignalKind::terminate())?;
            Ok(Self { interrupt, terminate })
        }

        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                _ = self.interrupt.recv() => SIGINT,
                _ = self.terminate.recv() => SIGTERM,
            }
        }
    }

    pub(super) fn name(signal: Signal) -> &'static str {
        if signal == SIGINT { "SIGINT" } else { "SIGTERM" }
    }

    /// Ends the process at once: no handler runs and no buffer is flushed, since the
    /// pipe behind it may be stalled.
    pub(super) fn exit(code: i32) {
        low_level::exit(code);
    }

    /// Ends the process as the signal does without a handler.
    pub(super) fn die(signal: Signal) {
        let _ended = low_level::emulate_default_handler(signal).is_ok();
    }
}

#[cfg(windows)]
mod os {
    use std::io;

    use tokio::signal::windows::{CtrlC, ctrl_c};

    pub(super) type Signal = ();

    pub(super) struct Signals {
        interrupt: CtrlC,
    }

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            Ok(Self { interrupt: ctrl_c()? })
        }

        pub(super) async fn next(&mut self) -> Signal {
            self.interrupt.recv().await;
        }
    }

    pub(super) fn name((): Signal) -> &'static str {
        "Ctrl-C"
    }

    pub(super) fn exit(code: i32) {
        std::process::exit(code);
    }

    pub(super) fn die((): Signal) {
        std::process::exit(super::INTERRUPTED);
    }
}
