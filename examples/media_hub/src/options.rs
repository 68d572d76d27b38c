//! The command line.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use lexopt::prelude::*;

use crate::shown::{printable, shown};

pub(crate) const HELP: &str = "\
Finds the media in a folder and plays them, in words: mounts, caches and a player,
held together by sprag.

Usage: media_hub [OPTIONS] [DIR]

  DIR            the folder that holds the media [default: .]

  --serve ADDR   serve a page at this address, such as 127.0.0.1:8080
  --state DIR    remember in this folder what was playing, and where
  --nats URL     share the playback with other hubs on this NATS server
  --once         scan once, print a summary and exit
  --json         with --once: print the summary as one JSON object
  -h, --help     print this help
  -V, --version  print the version

Without --once the hub reads commands from standard input: list [PAGE], play N, pause,
seek SECONDS, status, look, rescan, quit. The hub ends at `quit`, at Ctrl-C, when the
input ends (not with --serve) and when the output cannot be written. RUST_LOG=debug logs
more, to standard error.";

/// The name of the program and the version of sprag.
pub(crate) const VERSION: &str = concat!("media_hub ", env!("CARGO_PKG_VERSION"));

/// The values of the command line.
#[derive(Debug)]
pub(crate) struct Options {
    /// An absolute path; the folder existed when the hub started.
    pub(crate) folder: PathBuf,
    /// The address of the page; `None` for a hub without a page.
    pub(crate) serve: Option<SocketAddr>,
    /// The storage of the playback.
    pub(crate) memory: Memory,
    pub(crate) once: bool,
    pub(crate) json: bool,
}

/// The storage of the playback.
#[derive(Debug)]
pub(crate) enum Memory {
    /// The memory of this process.
    Process,
    /// A log in a folder.
    Folder(PathBuf),
    /// A log that several hubs share.
    #[cfg(feature = "nats")]
    Nats(String),
}

/// The result of parsing the command line.
pub(crate) enum CommandLine {
    /// A text for standard output: the help or the version.
    Print(&'static str),
    Run(Options),
}

impl Options {
    /// Parses the process's arguments; the error is one line.
    pub(crate) fn from_env() -> Result<CommandLine, String> {
        let (mut folder, mut serve, mut once, mut json) = (None, None, false, false);
        let mut memory = Memory::Process;
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next().map_err(usage)? {
            match argument {
                Long("serve") => serve = Some(address(&arguments.value().map_err(usage)?)?),
                Long("state") => memory = Memory::Folder(arguments.value().map_err(usage)?.into()),
                Long("nats") => memory = nats(&arguments.value().map_err(usage)?)?,
                Long("once") => once = true,
                Long("json") => json = true,
                Short('h') | Long("help") => return Ok(CommandLine::Print(HELP)),
                Short('V') | Long("version") => return Ok(CommandLine::Print(VERSION)),
                Value(given) if folder.is_none() => folder = Some(PathBuf::from(given)),
                other => return Err(usage(other.unexpected())),
            }
        }
        if json && !once {
            return Err("`--json` needs `--once`; write `media_hub --once --json`".to_owned());
        }
        if once && !matches!(memory, Memory::Process) {
            return Err("`--once` plays nothing; leave `--state` and `--nats` out".to_owned());
        }
        let folder = existing(&folder.unwrap_or_else(|| PathBuf::from(".")))?;
        Ok(CommandLine::Run(Self { folder, serve, memory, once, json }))
    }
}

fn usage(error: lexopt::Error) -> String {
    printable(&format!("{error}; see `media_hub --help`"))
}

#[cfg(feature = "nats")]
fn nats(url: &OsStr) -> Result<Memory, String> {
    Ok(Memory::Nats(url.to_string_lossy().into_owned()))
}

#[cfg(not(feature = "nats"))]
fn nats(_: &OsStr) -> Result<Memory, String> {
    let remedy = "cargo run --features nats --example media_hub -- --nats URL";
    Err(format!("this hub is built without NATS; run `{remedy}`"))
}

fn address(text: &OsStr) -> Result<SocketAddr, String> {
    let text = text.to_string_lossy();
    text.parse().map_err(|_| {
        let shown = printable(&text);
        format!("`{shown}` is not an address and a port; write `--serve 127.0.0.1:8080`")
    })
}

/// The absolute path of an existing folder.
fn existing(folder: &Path) -> Result<PathBuf, String> {
    if folder.as_os_str().is_empty() {
        return Err("the folder's name is empty; give the folder that holds media".to_owned());
    }
    let shown = shown(folder);
    let found = folder.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("the folder `{shown}` does not exist; give one that holds media")
        }
        _ => format!("the folder `{shown}` cannot be read: {error}"),
    })?;
    if found.is_dir() {
        Ok(found)
    } else {
        Err(format!("`{shown}` is not a folder; give the folder that holds the file"))
    }
}
