//! [`Terminal`]: lines, logs and progress bars that share one screen.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::Instant;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::{format::Writer, time::FormatTime};
use tracing_subscriber::{filter::Targets, prelude::*};

/// A handle to the screen. Standard error shows the bars if it is a terminal; a bar is
/// hidden while a line is written.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    bars: MultiProgress,
}

impl Terminal {
    pub(crate) fn new() -> Self {
        let target = if io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self { bars: MultiProgress::with_draw_target(target) }
    }

    /// Writes a line to standard output.
    pub(crate) fn say(&self, line: impl AsRef<str>) {
        // The reader of a pipe may be gone; the hub keeps running until it is stopped.
        let _gone = self.bars.suspend(|| writeln!(io::stdout(), "{}", line.as_ref())).is_err();
    }

    /// A bar whose length is not known yet.
    pub(crate) fn bar(&self) -> ProgressBar {
        let style = ProgressStyle::with_template("scanning [{bar:30}] {pos}/{len} {msg}");
        let bar = ProgressBar::new(0);
        let bar = match style {
            Ok(style) => bar.with_style(style.progress_chars("=> ")),
            Err(_) => bar,
        };
        self.bars.add(bar)
    }

    /// Draws no more bars: the process is about to end, and running scans end with it.
    pub(crate) fn close(&self) {
        let _gone = self.bars.clear().is_err();
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
    }

    /// Sends logs to standard error, filtered by `RUST_LOG` or else by the level
    /// `default`.
    ///
    /// # Errors
    ///
    /// One line, if `RUST_LOG` cannot be parsed.
    pub(crate) fn log(&self, default: tracing::Level) -> Result<(), String> {
        let targets = match std::env::var("RUST_LOG") {
            Ok(text) if !text.is_empty() => text.parse::<Targets>().map_err(|error| {
                format!("`RUST_LOG={text}` is not understood: {error}; write `RUST_LOG=debug`")
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

/// How long the hub runs, in seconds.
struct Uptime {
    start: Instant,
}

impl FormatTime for Uptime {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        write!(line, "{:7.3}s", self.start.elapsed().as_secs_f64())
    }
}

/// Writes a line of the log while no bar is drawn.
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
