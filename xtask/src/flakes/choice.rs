//! The arguments of the command.

use std::io;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Hunt {
    /// How often each program runs.
    pub(crate) rounds: usize,
    /// Threads that only use the processor.
    pub(crate) busy: usize,
    /// Rounds that run at the same time.
    pub(crate) parallel: usize,
}

impl Hunt {
    /// Reads `[ROUNDS] [--busy N] [--parallel P]`.
    pub(crate) fn parse(arguments: &[String]) -> io::Result<Self> {
        let mut choice = Self { rounds: 20, busy: 12, parallel: 1 };
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            match argument {
                "--busy" => choice.busy = number(argument, arguments.next())?,
                "--parallel" => choice.parallel = number(argument, arguments.next())?.max(1),
                rounds => choice.rounds = number("ROUNDS", Some(rounds))?,
            }
        }
        Ok(choice)
    }
}

fn number(name: &str, given: Option<&str>) -> io::Result<usize> {
    let number = given.and_then(|given| given.parse().ok());
    number.ok_or_else(|| io::Error::other(format!("`{name}` needs a number; write one after it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &str) -> io::Result<Hunt> {
        Hunt::parse(&arguments.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn options_have_any_order() {
        let choice = parse("--parallel 3 5 --busy 0").unwrap();

        assert_eq!(choice, Hunt { rounds: 5, busy: 0, parallel: 3 });
        assert_eq!(parse("").unwrap(), Hunt { rounds: 20, busy: 12, parallel: 1 });
    }

    #[test]
    fn an_option_without_a_number_is_named() {
        assert!(parse("--busy").unwrap_err().to_string().starts_with("`--busy` needs a number"));
        assert!(parse("many").unwrap_err().to_string().starts_with("`ROUNDS` needs a number"));
    }
}
