//! `run`: an app as a whole process.

use std::process::ExitCode;

use super::{App, AppBuilder, Application};
use crate::error::Error;

/// Runs the app to its end on a runtime made for it.
pub(crate) fn run<A: Application>(builder: AppBuilder<A>) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("`{}` cannot start: {error}", A::__NAME);
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        match builder.start().await {
            Ok(app) => end(app.__app()).await,
            Err(error) => failed::<A>(error),
        }
    });
    // What hangs in a user's code was reported as leaked, and is left behind.
    runtime.shutdown_background();
    code
}

async fn end<A>(app: &App<A>) -> ExitCode {
    let report = app.stopped().await;
    let code = report.exit_code();
    if code != ExitCode::SUCCESS {
        eprintln!("{report}");
    }
    code
}

/// A start that was called off by a signal or a service is no failure.
fn failed<A: Application>(error: crate::error::StartError) -> ExitCode {
    if let crate::error::StartError::Stopped { report, .. } = &error {
        return report.exit_code();
    }
    eprintln!("`{}` did not start: {:#}", A::__NAME, Error::from(error));
    ExitCode::FAILURE
}
