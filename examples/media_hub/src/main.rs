//! A media hub: an app that uses all of sprag on this machine's drives and files.
//!
//! ```text
//! cargo run --example media_hub -- [--serve ADDRESS] [DIR]
//! ```
//!
//! `StorageService` watches the mounts and emits `MountChanged`. The event invalidates the
//! cache `drives`, and the cache `categories` of `LibraryService` depends on `drives`. A
//! worker of `LibraryService` scans the folder. `PlayerService` owns the model of the
//! playback, and runs `ffprobe`, if it is installed, to find the length of a file.
//! `ConsoleService` runs the commands of standard input. `WebService` shows the same state
//! to browsers, which can also write it.

mod command;
mod console;
mod length;
mod library;
mod mounts;
mod options;
mod page;
mod player;
mod scan;
mod screen;
mod shelf;
mod shown;
mod site;
mod storage;
mod summary;
mod terminal;
mod tv;
mod web;

use std::io::{self, Write};
use std::process::ExitCode;

use sprag::error::StartError;
use sprag::{Error, Result, app};

use console::ConsoleService;
use library::LibraryService;
use options::{CommandLine, Options};
use player::PlayerService;
use storage::StorageService;
use summary::Summary;
use terminal::Terminal;
use web::WebService;

app! {
    /// The hub with a console and a page; runs until `quit`, a signal or the end of the input.
    pub(crate) MediaHub(Options, Terminal) {
        StorageService, LibraryService, PlayerService, WebService, ConsoleService
    }
}

app! {
    /// The hub without a console, for one summary.
    pub(crate) Survey(Options, Terminal) { StorageService, LibraryService, PlayerService }
}

/// The exit code of a mistake in the command line.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let (options, terminal) = match prepare() {
        Ok(Some(ready)) => ready,
        Ok(None) => return ExitCode::SUCCESS,
        Err(mistake) => {
            complain(&mistake);
            return ExitCode::from(USAGE);
        }
    };
    match run(options, terminal) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Writes a line to standard error, if the stream can be written: `eprintln!` would panic
/// otherwise, and its exit code would hide ours.
fn complain(text: &str) {
    let _gone = writeln!(io::stderr(), "media_hub: {text}").is_err();
}

/// Reads the command line and sets the log up; `None` after the help or the version.
fn prepare() -> Result<Option<(Options, Terminal)>, String> {
    let options = match Options::from_env()? {
        CommandLine::Print(text) => {
            // A pager may exit before it has read the whole text.
            let _gone = writeln!(io::stdout(), "{text}").is_err();
            return Ok(None);
        }
        CommandLine::Run(options) => options,
    };
    let terminal = Terminal::new();
    terminal.log(if options.once { tracing::Level::WARN } else { tracing::Level::INFO })?;
    Ok(Some((options, terminal)))
}

fn run(options: Options, terminal: Terminal) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        if options.once { once(options, terminal).await } else { hub(options, terminal).await }
    });
    // An unresponsive drive may block a thread of the runtime forever.
    runtime.shutdown_background();
    code
}

async fn hub(options: Options, terminal: Terminal) -> Result<ExitCode> {
    let report = match MediaHub::builder(options, terminal.clone()).stop_on_signals().start().await
    {
        Ok(hub) => hub.stopped().await,
        // A command can come before the last service has started.
        Err(StartError::Stopped { report, .. }) => report,
        Err(error) => return Err(error.into()),
    };
    terminal.close();
    terminal.say(report.to_string());
    terminal.check()?;
    Ok(report.exit_code())
}

async fn once(options: Options, terminal: Terminal) -> Result<ExitCode> {
    let json = options.json;
    let survey = Survey::builder(options, terminal.clone()).stop_on_signals().start().await?;
    let summary = tokio::select! {
        summary = summary(&survey) => summary?,
        report = survey.stopped() => return Err(Error::msg(report.reason())),
    };
    terminal.say(if json { serde_json::to_string_pretty(&summary)? } else { summary.to_string() });
    let report = survey.stop().await;
    terminal.check()?;
    Ok(report.exit_code())
}

async fn summary(survey: &Survey) -> Result<Summary> {
    let (storage, library) = (survey.handle::<StorageService>(), survey.handle::<LibraryService>());
    let player = survey.handle::<PlayerService>();
    let (storage, library, player) = (storage.get()?, library.get()?, player.get()?);
    Summary::collect(&storage, &library, &player).await
}
