//! The commands of the console.

/// One line of input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A page of the files; the first page has the number 1.
    List(usize),
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
pub(crate) const HELP: &str = "commands: list [PAGE], play N, pause (again: go on), \
                               seek SECONDS, status, look (at the mounts), rescan, quit";

impl Command {
    /// Parses a line; the error is one line that names the mistake and the fix.
    pub(crate) fn read(line: &str) -> Result<Self, String> {
        let words: Vec<&str> = line.split_whitespace().collect();
        match *words {
            [] => Ok(Self::Nothing),
            ["list"] => Ok(Self::List(1)),
            ["list", page] => number(page, "the number of a page", "list 2").map(Self::List),
            ["play", file] => number(file, "the number of a file", "play 1").map(Self::Play),
            ["play"] => Err("`play` needs the number of a file; write `play 1`".to_owned()),
            ["pause"] => Ok(Self::Pause),
            ["seek", seconds] => number(seconds, "a number of seconds", "seek 90").map(Self::Seek),
            ["seek"] => Err("`seek` needs a number of seconds; write `seek 90`".to_owned()),
            ["status"] => Ok(Self::Status),
            ["look"] => Ok(Self::Look),
            ["rescan"] => Ok(Self::Rescan),
            ["quit"] => Ok(Self::Quit),
            ["help"] => Err(HELP.to_owned()),
            _ => Err(format!("`{}` is not a command; {HELP}", line.trim())),
        }
    }
}

fn number<N: std::str::FromStr>(word: &str, what: &str, example: &str) -> Result<N, String> {
    word.parse().map_err(|_| format!("`{word}` is not {what}; write `{example}`"))
}
