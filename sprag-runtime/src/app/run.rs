//! `run`: an app as a whole process.

use std::fmt::Display;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use super::log::flush;
use super::report::StopReport;
use super::start_error::StartError;
use super::{AppBuilder, Application};
use crate::error::Error;
use crate::task::text_of;

/// How long the end of a process may wait until its log is written.
const LAST_LINES: Duration = Duration::from_millis(200);

/// How long the end of a process may wait until its report is written.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long the making of a runtime may take.
const RUNTIME: Duration = Duration::from_secs(5);

/// The stack of the thread that makes a runtime and runs no users' code.
const STACK: usize = 512 * 1_024;

/// Makes a runtime of several threads.
///
/// Where the system gives no more threads, tokio panics, and the panic then waits without end
/// for the threads that were not made. A thread of its own therefore makes the runtime.
pub(crate) fn default_runtime() -> io::Result<Runtime> {
    let (sender, made) = mpsc::channel();
    let make = move || {
        let runtime = build(Builder::new_multi_thread().enable_all());
        drop(sender.send(runtime));
    };
    thread::Builder::new().name("sprag runtime".into()).stack_size(STACK).spawn(make)?;
    let late = |_| Err(io::Error::other("the system gives its runtime too few threads"));
    made.recv_timeout(RUNTIME).unwrap_or_else(late)
}

/// Makes a runtime. A panic, as for a lack of threads or files, is an error.
pub(crate) fn build(builder: &mut Builder) -> io::Result<Runtime> {
    let build = catch_unwind(AssertUnwindSafe(|| builder.build()));
    build.unwrap_or_else(|payload| Err(io::Error::other(text_of(payload))))
}

/// Runs the app to its end on `runtime`.
pub(crate) fn run<A: Application>(
    builder: AppBuilder<A>,
    runtime: io::Result<Runtime>,
) -> ExitCode {
    let runtime = match runtime {
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
    let text: Arc<str> = format!("{line}\n").into();
    let (written, end) = mpsc::channel::<()>();
    let shared = Arc::clone(&text);
    let write = move || {
        drop(io::stderr().write_all(shared.as_bytes()));
        drop(written);
    };
    match thread::Builder::new().name("sprag report".into()).spawn(write) {
        Ok(_) => drop(end.recv_timeout(LAST_WORDS)),
        // Without a thread the text is written here: the lack of threads may be the very fault.
        Err(_) => drop(io::stderr().write_all(text.as_bytes())),
    }
}
