//! The command line.

use std::path::{Path, PathBuf};

use lexopt::prelude::*;

pub(crate) const HELP: &str = "\
Finds the media in a folder and plays them, in words: mounts, caches and a player,
held together by sprag.

Usage: media_hub [OPTIONS] [DIR]

  DIR         the folder that holds the media [default: .]

  --once      scan once, print what was found and exit
  --json      with --once: print it as one JSON object
  -h, --help  print this

Without --once it follows commands on standard input: list, play N, pause, seek
SECONDS, status, look, rescan, quit. It ends at `quit`, at Ctrl-C and when the input
ends. RUST_LOG=debug logs more, to standard error.";

/// The mode of the hub and its folder.
#[derive(Debug)]
pub(crate) struct Options {
    /// An absolute path, which existed when the command line was parsed.
    pub(crate) folder: PathBuf,
    pub(crate) once: bool,
    pub(crate) json: bool,
}

/// The result of parsing the command line.
pub(crate) enum CommandLine {
    Help,
    Run(Options),
}

impl Options {
    /// Parses the process's arguments; the error is one line.
    pub(crate) fn from_env() -> Result<CommandLine, String> {
        let (mut folder, mut once, mut json) = (None, false, false);
        let mut arguments = lexopt::Parser::from_env();
        while let Some(argument) = arguments.next().map_err(usage)? {
            match argument {
                Long("once") => once = true,
                Long("json") => json = true,
                Short('h') | Long("help") => return Ok(CommandLine::Help),
                Value(given) if folder.is_none() => folder = Some(PathBuf::from(given)),
                other => return Err(usage(other.unexpected())),
            }
        }
        if json && !once {
            return Err("`--json` needs `--once`; write `media_hub --once --json`".to_owned());
        }
        let folder = existing(&folder.unwrap_or_else(|| PathBuf::from(".")))?;
        Ok(CommandLine::Run(Self { folder, once, json }))
    }

    /// The folder as printable text.
    pub(crate) fn shown(&self) -> impl std::fmt::Display + '_ {
        self.folder.display()
    }
}

fn usage(error: lexopt::Error) -> String {
    format!("{error}; see `media_hub --help`")
}

fn existing(folder: &Path) -> Result<PathBuf, String> {
    let shown = folder.display();
    let found = folder.canonicalize().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            format!("the folder `{shown}` does not exist; give one that holds media")
        }
        _ => format!("the folder `{shown}` cannot be read: {error}"),
    })?;
    if found.is_dir() {
        Ok(found)
    } else {
        Err(format!("`{shown}` is no folder; give the one that it lies in"))
    }
}
