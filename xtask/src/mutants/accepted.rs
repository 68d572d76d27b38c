//! The missed mutants that are accepted, each with a reason: `tests/mutants.md`.

use std::collections::HashSet;
use std::{fs, io};

use super::list::Mutant;
use super::tree::Checkout;

/// The names of the items of the page: all lines that begin with a dash and a backtick.
#[derive(Debug)]
pub(crate) struct Accepted(HashSet<String>);

impl Accepted {
    pub(crate) fn read(tree: &Checkout) -> io::Result<Self> {
        let text = fs::read_to_string(tree.clone.join("tests/mutants.md"))?;
        let items = text.lines().filter_map(|line| line.strip_prefix("- `")?.split_once('`'));
        Ok(Self(items.map(|(key, _)| key.to_owned()).collect()))
    }

    pub(crate) fn has(&self, mutant: &Mutant) -> bool {
        self.0.contains(&mutant.key)
    }
}
