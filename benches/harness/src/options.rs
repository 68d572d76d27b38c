//! The options of a run, from the command line.

use std::time::Duration;

use lexopt::prelude::*;

/// `[part …] [--quick]`.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The parts to run; all of them if none is named.
    pub parts: Vec<String>,
    /// A smoke run: few samples, and nothing is written.
    pub quick: bool,
}

impl Options {
    /// The options of this process.
    ///
    /// # Errors
    ///
    /// An unknown option.
    pub fn from_args() -> Result<Self, lexopt::Error> {
        let (mut options, mut parser) = (Self::default(), lexopt::Parser::from_env());
        while let Some(argument) = parser.next()? {
            match argument {
                Long("quick") => options.quick = true,
                Value(part) => options.parts.push(part.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }

    /// Whether `part` is to be run.
    pub fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }

    /// `full`, and in a quick run `quick`.
    pub fn pick<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// How long one sample takes at least.
    pub(crate) fn sample(&self) -> Duration {
        Duration::from_micros(self.pick(4_000, 500))
    }

    /// How many samples are taken of each contestant.
    pub(crate) fn rounds(&self) -> usize {
        self.pick(21, 3)
    }

    /// How many are taken at least, however long one takes.
    pub(crate) fn fewest_rounds(&self) -> usize {
        self.pick(5, 2)
    }

    /// How long the rounds of one case may take together.
    pub(crate) fn budget(&self) -> Duration {
        Duration::from_millis(self.pick(2_500, 200))
    }
}
