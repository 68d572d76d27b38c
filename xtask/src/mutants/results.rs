//! The results of all runs, in `target/mutants/results.jsonl`.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use super::list::Mutant;
use super::tree::Checkout;

/// The end of one mutant.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) enum MutantEnd {
    /// A test has failed.
    Caught,
    /// A test did not end.
    Hung,
    /// The tests that run for the mutant pass.
    Missed,
    /// No test reaches the mutant.
    Unreached,
}

impl MutantEnd {
    pub(crate) fn is_caught(self) -> bool {
        matches!(self, Self::Caught | Self::Hung)
    }
}

/// A line of the file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KnownResult {
    pub(crate) key: String,
    /// The text of the function that the result is of.
    text: u64,
    commit: String,
    pub(crate) verdict: MutantEnd,
    /// The test that has failed, or how many have passed.
    pub(crate) by: Option<String>,
    pub(crate) milliseconds: u64,
}

#[derive(Debug)]
pub(crate) struct Results {
    commit: String,
    entries: Mutex<HashMap<String, KnownResult>>,
    file: File,
}

impl Results {
    /// Reads the results of earlier runs.
    pub(crate) fn open(tree: &Checkout) -> io::Result<Self> {
        let path = tree.kept().join("results.jsonl");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let entries =
            text.lines().filter_map(|line| serde_json::from_str::<KnownResult>(line).ok());
        let entries = Mutex::new(entries.map(|entry| (entry.key.clone(), entry)).collect());
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self { commit: tree.commit.clone(), entries, file })
    }

    /// The result of `mutant`, unless its function has changed since.
    pub(crate) fn of(&self, mutant: &Mutant) -> Option<KnownResult> {
        let entries = self.entries.lock().expect("no panic");
        entries.get(&mutant.key).filter(|entry| entry.text == mutant.text).cloned()
    }

    pub(crate) fn add(
        &self,
        mutant: &Mutant,
        verdict: MutantEnd,
        by: Option<String>,
        milliseconds: u64,
    ) -> io::Result<()> {
        let (key, commit) = (mutant.key.clone(), self.commit.clone());
        let entry = KnownResult { key, text: mutant.text, commit, verdict, by, milliseconds };
        writeln!(&self.file, "{}", serde_json::to_string(&entry)?)?;
        self.entries.lock().expect("no panic").insert(entry.key.clone(), entry);
        Ok(())
    }
}
