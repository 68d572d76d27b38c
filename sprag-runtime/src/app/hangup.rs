//! SIGHUP as an event: one thread of the process passes each SIGHUP to the apps that
//! subscribed to it. Before the first such app, the process keeps its disposition of
//! SIGHUP, as `nohup` sets it.

use std::io;
use std::sync::Arc;

use crate::bus::Bus;
use crate::service::AppContext;

/// Emits an app's event of SIGHUP.
pub(crate) type Emit = Arc<dyn Fn(&Bus) + Send + Sync>;

/// SIGHUP emits the app's event until this is dropped.
pub(crate) struct HangupWatched {
    #[cfg(unix)]
    context: Arc<AppContext>,
}

#[cfg(not(unix))]
pub(crate) fn watch(_context: &Arc<AppContext>, _emit: Emit) -> io::Result<HangupWatched> {
    Ok(HangupWatched {})
}

#[cfg(unix)]
pub(crate) use unix::watch;

#[cfg(unix)]
mod unix {
    use std::sync::mpsc::{SyncSender, sync_channel};
    use std::thread;

    use signal_hook::consts::SIGHUP;
    use signal_hook::low_level;
    use tokio::signal::unix::{SignalKind, signal};

    use super::{AppContext, Arc, Emit, HangupWatched, io};
    use crate::sync::StaticMutex;

    struct HangupListener {
        context: Arc<AppContext>,
        emit: Emit,
    }

    /// `None` until the thread runs. The lock is held briefly; no user code runs under it.
    static LISTENERS: StaticMutex<Option<Vec<HangupListener>>> = StaticMutex::new(None);

    /// SIGHUP emits the app's event from now on.
    ///
    /// # Errors
    ///
    /// If the thread or the signal handler cannot be made.
    pub(crate) fn watch(context: &Arc<AppContext>, emit: Emit) -> io::Result<HangupWatched> {
        let mut listeners = LISTENERS.lock();
        if listeners.is_none() {
            spawn()?;
        }
        let listener = HangupListener { context: Arc::clone(context), emit };
        listeners.get_or_insert_default().push(listener);
        Ok(HangupWatched { context: Arc::clone(context) })
    }

    impl Drop for HangupWatched {
        fn drop(&mut self) {
            let mut listeners = LISTENERS.lock();
            let this = &self.context;
            let removed = listeners.as_mut().and_then(|listeners| {
                let at = listeners.iter().position(|one| Arc::ptr_eq(&one.context, this))?;
                Some(listeners.swap_remove(at))
            });
            drop(listeners);
            drop(removed);
        }
    }

    /// Spawns the thread, and waits until the handler is installed.
    fn spawn() -> io::Result<()> {
        let (ready, installed) = sync_channel(1);
        thread::Builder::new().name("sprag hangup".into()).spawn(move || forever(&ready))?;
        installed.recv().unwrap_or_else(|_| Err(io::Error::other("the thread has ended")))
    }

    fn forever(ready: &SyncSender<io::Result<()>>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let hangups = runtime.and_then(|runtime| {
            let entered = runtime.enter();
            let hangups = signal(SignalKind::hangup())?;
            drop(entered);
            Ok((runtime, hangups))
        });
        match hangups {
            Ok((runtime, mut hangups)) => {
                let _waiting = ready.send(Ok(()));
                while runtime.block_on(hangups.recv()).is_some() {
                    received();
                }
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    }

    /// Has the event emitted on each app's runtime. Without an app, ends the process as the
    /// signal does without a handler.
    fn received() {
        let apps: Vec<(Arc<AppContext>, Emit)> = {
            let listeners = LISTENERS.lock();
            let listeners = listeners.iter().flatten();
            listeners.map(|one| (Arc::clone(&one.context), Arc::clone(&one.emit))).collect()
        };
        if apps.is_empty() {
            let _ended = low_level::emulate_default_handler(SIGHUP).is_ok();
        }
        for (context, emit) in apps {
            let runtime = context.runtime.clone();
            drop(runtime.spawn(async move { emit(&context.bus) }));
        }
    }
}
