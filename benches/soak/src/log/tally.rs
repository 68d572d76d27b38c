//! The state on the logs, and what a life finds of the one before.

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{File, Logged};

use super::Outcome;
use crate::findings::{Counter, Findings};

pub(crate) const MODELS: usize = 3;
pub(crate) const WRITERS: usize = 3;

/// The counts of the writers of each model.
pub(crate) type Counts = [[u64; WRITERS]; MODELS];

/// Counts of writers, which add up to the total in every state.
#[derive(Model, Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) written: [u64; WRITERS],
    pub(crate) total: u64,
}

impl Tally {
    pub(crate) fn is_whole(&self) -> bool {
        self.written.iter().sum::<u64>() == self.total
    }
}

/// A model; several of one name are as the models of several processes. Snapshots are frequent.
pub(crate) async fn model(file: &File, number: usize) -> Outcome<Logged<Tally>> {
    let opening = file.model(format!("tally-{number}"), Tally::default());
    Ok(opening.snapshots(500, u64::MAX).await?)
}

/// Counts one more for the writer `own`; returns the total after that.
pub(crate) async fn count(tally: &Logged<Tally>, own: usize) -> Outcome<u64> {
    let next = move |tally: &mut Tally| {
        tally.written[own] += 1;
        tally.total += 1;
        tally.total
    };
    Ok(tally.update(next).await?)
}

/// The acknowledged counts that the next life has to find.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) findings: &'static Findings,
    pub(crate) acknowledged: Counts,
    /// How many more of each writer may be there: the writes without an answer.
    pub(crate) in_flight: u64,
}

impl Found {
    /// Compares what a life finds in the model `number`.
    pub(crate) fn compare(&self, number: usize, written: [u64; WRITERS]) {
        for (kept, acknowledged) in written.into_iter().zip(self.acknowledged[number]) {
            self.findings.add(Counter::Lost, acknowledged.saturating_sub(kept));
            let most = acknowledged + self.in_flight;
            self.findings.add(Counter::Doubled, kept.saturating_sub(most));
        }
    }
}
