//! The log of the supervisor, whose lines are written by another thread.
//!
//! A log subscriber is users' code. It may panic or block, as the default one of
//! `tracing-subscriber` does when its pipe is dead or stalled; neither must reach the
//! thread that stops an app. A line is lost when 1,024 others wait.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use crate::isolate::quietly;
use crate::sync::StaticMutex;

const WAITING: usize = 1_024;

type Line = Box<dyn FnOnce() + Send>;

/// The channel to the thread, once a line was logged. The lock is held briefly.
static LINES: StaticMutex<Option<SyncSender<Line>>> = StaticMutex::new(None);

/// Passes `line` to the log's thread. Never blocks and never panics.
pub(crate) fn log(line: impl FnOnce() + Send + 'static) {
    if let Some(lines) = lines() {
        // If the queue is full, the line is lost.
        drop(lines.try_send(Box::new(line)));
    }
}

/// Waits until the lines logged so far are written, or for `limit`.
pub(crate) fn flush(limit: Duration) {
    let (written, wait) = channel::<()>();
    log(move || drop(written));
    // The sender is dropped by the thread, or with the line if the queue is full.
    let _written_or_late = wait.recv_timeout(limit).is_err();
}

fn lines() -> Option<SyncSender<Line>> {
    let mut lines = LINES.lock();
    if lines.is_none() {
        let (sender, receiver) = sync_channel(WAITING);
        let thread = thread::Builder::new().name("sprag log".into());
        *lines = thread.spawn(move || write(&receiver)).ok().map(|_detached| sender);
    }
    lines.clone()
}

fn write(lines: &Receiver<Line>) {
    while let Ok(line) = lines.recv() {
        quietly(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s5_the_lines_so_far_are_written_when_a_flush_returns() {
        let (written, lines) = channel();
        for line in 0..3 {
            let written = written.clone();
            log(move || written.send(line).unwrap_or_default());
        }
        flush(Duration::from_secs(60));
        assert_eq!(lines.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
    }
}
