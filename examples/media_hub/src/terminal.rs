//! [`Terminal`]: lines, logs and progress bars that share one screen.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use sprag::{Error, Result};
use tokio::sync::SetOnce;
use tracing_subscriber::fmt::{format::Writer, time::FormatTime};
use tracing_subscriber::{filter::Targets, prelude::*};

/// A handle to the screen. The bars need a terminal on standard error; writing a line
/// suspends them.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    bars: MultiProgress,
    /// The first error of a write to standard output.
    failure: Arc<SetOnce<io::Error>>,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self { bars: MultiProgress::with_draw_target(target), failure: Arc::default() }
    }

    /// Writes a line to standard output. [`failed`](Self::failed) waits for an error of
    /// the write, [`check`](Self::check) returns the error.
    pub(crate) fn say(&self, line: impl AsRef<str>) {
        if let Err(error) = self.bars.suspend(|| writeln!(io::stdout(), "{}", line.as_ref())) {
            let _later = self.failure.set(error).is_err();
        }
    }

    /// Waits for the first write to standard output that fails.
    pub(crate) async fn failed(&self) {
        self.failure.wait().await;
    }

    /// # Errors
    ///
    /// The first error of a write to standard output.
    pub(crate) fn check(&self) -> Result<()> {
        match self.failure.get() {
            Some(error) => Err(Error::msg(format!("cannot write to standard output: {error}"))),
            None => Ok(()),
        }
    }

    /// Adds a bar of unknown length.
    pub(crate) fn bar(&self) -> ProgressBar {
        let style = ProgressStyle::with_template("scanning [{bar:30}] {pos}/{len} {msg}");
        let bar = ProgressBar::new(0);
        let bar = match style {
            Ok(style) => bar.with_style(style.progress_chars("=> ")),
            Err(_) => bar,
        };
        self.bars.add(bar)
    }

    /// Draws no more bars, although a scan may still run in the background.
    pub(crate) fn close(&self) {
        let _gone = self.bars.clear().is_err();
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Writes logs to standard error: those that `RUST_LOG` selects, else those of
    /// `default` and above.
    ///
    /// # Errors
    ///
    /// One line, when `RUST_LOG` does not parse.
    pub(crate) fn log(&self, default: tracing::Level) -> std::result::Result<(), String> {
        let targets = match std::env::var("RUST_LOG") {
            Ok(text) if !text.is_empty() => text.parse::<Targets>().map_err(|error| {
                format!("`RUST_LOG={text}` does not parse: {error}; write `RUST_LOG=debug`")
            })?,
            _ => Targets::new().with_default(default),
        };
        let bars = self.bars.clone();
        let lines = tracing_subscriber::fmt::layer()
            .with_timer(Uptime { start: Instant::now() })
            .with_target(false)
            .with_ansi(io::stderr().is_terminal())
            .with_writer(move || LogLine { bars: bars.clone() });
        tracing_subscriber::registry().with(lines).with(targets).init();
        Ok(())
    }
}

/// The time since the start of the hub, in seconds.
struct Uptime {
    start: Instant,
}

impl FormatTime for Uptime {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        write!(line, "{:7.3}s", self.start.elapsed().as_secs_f64())
    }
}

/// A line of the log; writing the line suspends the bars.
struct LogLine {
    bars: MultiProgress,
}

impl Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bars.suspend(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
