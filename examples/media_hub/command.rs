//! The commands of the console.

/// One line of input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    List,
    Play(usize),
    Pause,
    Seek(u64),
    Status,
    Look,
    Rescan,
    Quit,
    /// An empty line.
    Nothing,
}

/// The answer to `help` and to an unknown command.
pub(crate) const HELP: &str = "commands: list, play N, pause (again: go on), seek SECONDS, status, \
                               look (at the mounts), rescan, quit";

impl Command {
    /// Parses a line; the error is one line that names the valid commands.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words {
            [] => Ok(Self::Nothing),
            ["list"] => Ok(Self::List),
            ["play", number] => number
                .parse()
                .map(Self::Play)
                .map_err(|_| format!("`{number}` is no number of a file; write `play 1`")),
            ["play"] => Err("`play` needs the number of a file; write `play 1`".to_owned()),
            ["pause"] => Ok(Self::Pause),
            ["seek", seconds] => seconds
                .parse()
                .map(Self::Seek)
                .map_err(|_| format!("`{seconds}` is no number of seconds; write `seek 90`")),
            ["seek"] => Err("`seek` needs a number of seconds; write `seek 90`".to_owned()),
            ["status"] => Ok(Self::Status),
            ["look"] => Ok(Self::Look),
            ["rescan"] => Ok(Self::Rescan),
            ["quit"] => Ok(Self::Quit),
            ["help"] => Err(HELP.to_owned()),
            _ => Err(format!("`{}` is no command; {HELP}", line.trim())),
        }
    }
}
