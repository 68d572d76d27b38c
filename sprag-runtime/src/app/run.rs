//! `run`: an app as a whole process.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::log::flush;
use super::report::StopReport;
use super::start_error::StartError;
use super::{AppBuilder, Application};
use crate::error::Error;

/// How long the end of a process may wait until its log is written.
const LAST_LINES: Duration = Duration::from_millis(200);

/// How long the end of a process may wait until its report is written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Runs the app to its end on a new runtime.
pub(crate) fn run<A: Application>(
    builder: AppBuilder<A>,
    runtime: &mut tokio::runtime::Builder,
) -> ExitCode {
    let runtime = match runtime.build() {
        Ok(runtime) => runtime,
        Err(error) => {
            say(format_args!("`{}` cannot start: {error}", A::__NAME));
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        match builder.start().await {
            Ok(app) => end(&app.__app().stopped().await),
            Err(error) => failed::<A>(error),
        }
    });
    // Users' code that hangs is in the report as leaked, and is abandoned.
    runtime.shutdown_background();
    flush(LAST_LINES);
    code
}

fn end(report: &StopReport) -> ExitCode {
    let code = report.exit_code();
    if code != ExitCode::SUCCESS {
        say(report);
    }
    code
}

/// A start that a signal or a service cancelled is not a failure.
fn failed<A: Application>(error: StartError) -> ExitCode {
    if let StartError::Stopped { report, .. } = &error
        && report.exit_code() == ExitCode::SUCCESS
    {
        return ExitCode::SUCCESS;
    }
    let report = error.report().cloned();
    say(format_args!("`{}` did not start: {:#}", A::__NAME, Error::from(error)));
    if let Some(report) = report {
        say(report);
    }
    ExitCode::FAILURE
}

/// Writes to standard error, if the process has one. A reader that does not read may block
/// the thread that writes, and not the end of the process.
fn say(line: impl Display) {
    let line = format!("{line}\n");
    let (written, end) = mpsc::channel::<()>();
    let write = move || {
        drop(std::io::stderr().write_all(line.as_bytes()));
        drop(written);
    };
    if thread::Builder::new().name("sprag report".into()).spawn(write).is_ok() {
        let _written = end.recv_timeout(LAST_WORDS);
    }
}
