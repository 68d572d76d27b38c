//! [`Recovery`]: from an empty memory to the state of a log.

mod building;
mod compare;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::{RawValue, to_raw_value};
use sprag_runtime::Model;
use sprag_runtime::path::State;
use tokio::time::{Instant, sleep};

use self::building::Building;
use self::compare::is_same;
use crate::backend::{Log, Page, Stored};
use crate::chain::{EntryChain, Link};
use crate::entry::{LogEntry, LogEntryId, StoredState, checksum, decode, encode};
use crate::error::{AppendError, OpenError, ReadError};
use crate::evolution::Evolution;
use crate::opening::Progress;
use crate::replay::Misfit;

/// The delay before the log is read again.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) struct Recovery<'a, T: 'static, L> {
    log: &'a L,
    name: &'a str,
    initial: T,
    progress: Option<Box<dyn FnMut(Progress) + Send>>,
    evolution: Evolution,
    read: Progress,
}

/// A model that has the state of the log.
pub(crate) struct Recovered<T: 'static> {
    pub(crate) model: Model<T>,
    /// The state with which the log began, as JSON of this process's type.
    pub(crate) initial: Arc<RawValue>,
    pub(crate) chain: EntryChain,
    pub(crate) evolution: Evolution,
    pub(crate) since_snapshot: (u64, u64),
    /// The bytes of the last snapshot.
    pub(crate) snapshot_size: u64,
}

impl<T> Recovered<T> {
    /// The name of the log's incarnation and of the type that reads the log.
    pub(crate) fn incarnation(&self) -> String {
        let (log, own) = (self.chain.log.unwrap_or_default(), self.evolution.types.own());
        format!("{log:016x}{own:08x}")
    }
}

/// Why one attempt ended.
enum RecoveryFailure {
    /// A later attempt may succeed.
    Again(String),
    /// The engine cannot read its own data.
    Engine(String),
    Open(OpenError),
}

impl From<ReadError> for RecoveryFailure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Unavailable(reason) => Self::Again(reason),
            ReadError::Damaged(reason) => Self::Engine(reason),
        }
    }
}

/// Recovers; tries again for at most `limit` while the log is out of reach.
pub(crate) async fn recover<T, L>(
    mut recovery: Recovery<'_, T, L>,
    limit: Duration,
) -> Result<Recovered<T>, OpenError>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    let end = Instant::now() + limit;
    loop {
        match recovery.attempt().await {
            Ok(recovered) => return Ok(recovered),
            Err(RecoveryFailure::Open(error)) => return Err(error),
            Err(RecoveryFailure::Engine(reason)) => {
                return Err(OpenError::Engine { name: recovery.name.to_owned(), reason });
            }
            Err(RecoveryFailure::Again(reason)) if Instant::now() >= end => {
                let name = recovery.name.to_owned();
                return Err(OpenError::Unavailable { name, waited: limit, reason });
            }
            Err(RecoveryFailure::Again(_)) => sleep(PAUSE).await,
        }
    }
}

impl<'a, T, L> Recovery<'a, T, L>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
    L: Log,
{
    pub(crate) fn new(
        log: &'a L,
        name: &'a str,
        initial: T,
        progress: Option<Box<dyn FnMut(Progress) + Send>>,
        evolution: Evolution,
    ) -> Self {
        let read = Progress { entries: 0, bytes: 0 };
        Self { log, name, initial, progress, evolution, read }
    }

    async fn attempt(&mut self) -> Result<Recovered<T>, RecoveryFailure> {
        let mut building = Building::new(self.name, self.evolution.clone());
        self.snapshot(&mut building).await?;
        let mut covered = building.chain.counted;
        loop {
            let after = building.chain.seen - u64::from(covered > 0);
            let mut page = self.log.read(self.name, after).await?;
            self.keeps(std::mem::take(&mut covered), building.chain.sum, &mut page)?;
            let (is_last, is_empty) = (page.is_last, page.entries.is_empty());
            self.take_in(&mut building, page.entries)?;
            if is_last && (building.chain.is_ended || is_empty && building.is_empty()) {
                self.found(&building.chain).await?;
            } else if is_last {
                return self.finish(building);
            }
        }
    }

    /// Begins with the latest snapshot, if the log has one.
    async fn snapshot(&mut self, building: &mut Building<T>) -> Result<(), RecoveryFailure> {
        let Some(snapshot) = self.log.load_snapshot(self.name).await? else { return Ok(()) };
        let sequence = snapshot.sequence;
        let state: StoredState<'_, &RawValue> = decode(&snapshot.body)
            .map_err(|error| self.damaged(sequence, &format!("the snapshot: {error}")))?;
        self.read.bytes = snapshot.body.len() as u64;
        building.snapshot_size = self.read.bytes;
        building.begin(&state, sequence).map_err(|error| self.misfit(sequence, &error))
    }

    /// Applies the entries of a page as one commit.
    fn take_in(
        &mut self,
        building: &mut Building<T>,
        page: Vec<Stored>,
    ) -> Result<(), RecoveryFailure> {
        let mut entries = Vec::new();
        for Stored { sequence, entry: stored } in page {
            (self.read.entries, self.read.bytes) =
                (self.read.entries + 1, self.read.bytes + stored.len() as u64);
            building.since_snapshot.0 += 1;
            building.since_snapshot.1 += stored.len() as u64;
            match building.chain.offer(sequence, &stored) {
                Ok(Link::Counts(entry)) => {
                    let taken = building.take_in(sequence, entry, &mut entries);
                    taken.map_err(|error| self.misfit(sequence, &error))?;
                }
                Ok(Link::Left) => {}
                Ok(Link::Rival) => building.chain.skip(sequence),
                // A snapshot was stored during this attempt, and the entries that it covers
                // are gone.
                Ok(Link::Gap) => {
                    let reason = format!("the entries before sequence {sequence} are gone");
                    return Err(RecoveryFailure::Again(reason));
                }
                Err(error) => return Err(self.damaged(sequence, &error.to_string())),
            }
        }
        let sequence = building.chain.counted;
        building.make(&entries).map_err(|error| self.misfit(sequence, &error))?;
        if let Some(progress) = &mut self.progress {
            progress(self.read);
        }
        Ok(())
    }

    fn finish(&self, mut building: Building<T>) -> Result<Recovered<T>, RecoveryFailure> {
        let sequence = building.chain.counted;
        let misfit = |error| self.misfit(sequence, &error);
        let Some(model) = building.finish().map_err(misfit)? else {
            return Err(self.damaged(sequence, "the log has entries, but none of them counts"));
        };
        let initial = match building.initial().map_err(misfit)? {
            Some(initial) => self.compared(initial),
            None => to_raw_value(&self.initial).map_err(|error| self.unfit(&error))?.into(),
        };
        let Building { evolution, chain, since_snapshot, snapshot_size, .. } = building;
        Ok(Recovered { model, initial, chain, evolution, since_snapshot, snapshot_size })
    }

    /// Says that the log began with another state than the argument of the opening, if that is so.
    fn compared(&self, initial: Arc<RawValue>) -> Arc<RawValue> {
        if !is_same(&self.initial, &initial) {
            tracing::warn!(
                log = self.name,
                "the log began with another initial state than that of this process, which is used for nothing; give the same one in each process"
            );
        }
        initial
    }

    /// Logs the initial state as the first entry, or as the first one after the end of another
    /// incarnation. Another process may be first.
    async fn found(&mut self, chain: &EntryChain) -> Result<(), RecoveryFailure> {
        let unfit = |error: serde_json::Error| self.unfit(&error);
        let state = to_raw_value(&self.initial).map_err(unfit)?;
        // A state that cannot be read back would make every opening fail.
        serde_json::from_str::<T>(state.get()).map_err(unfit)?;
        let state = Some(state);
        let id = LogEntryId(fastrand::u64(..), 0);
        let (log, fingerprint) = (fastrand::u64(1..), self.evolution.types.own());
        let (prev, prev_sum) = (chain.counted, chain.sum);
        let entry = LogEntry { log, prev, prev_sum, id, fingerprint, state, writes: Vec::new() };
        match self.log.append(self.name, chain.seen, encode(&entry).map_err(unfit)?).await {
            Ok(_) => Ok(()),
            Err(AppendError::Conflict) => {
                let reason = "another process begins the log".to_owned();
                Err(RecoveryFailure::Again(reason))
            }
            Err(AppendError::Unknown(reason) | AppendError::Unavailable(reason)) => {
                Err(RecoveryFailure::Again(reason))
            }
            Err(error @ AppendError::TooLarge { .. }) => Err(self.unfit(&error)),
        }
    }

    /// The argument of the opening cannot be logged.
    fn unfit(&self, error: &dyn std::error::Error) -> RecoveryFailure {
        let (name, reason) = (self.name.to_owned(), error.to_string());
        RecoveryFailure::Open(OpenError::Initial { name, reason })
    }

    fn damaged(&self, sequence: u64, reason: &str) -> RecoveryFailure {
        let (name, reason) = (self.name.to_owned(), reason.to_owned());
        RecoveryFailure::Open(OpenError::Damaged { name, sequence, reason })
    }

    fn misfit(&self, sequence: u64, error: &Misfit) -> RecoveryFailure {
        if let Misfit::Broken(broken) = error {
            return self.damaged(sequence, &broken.to_string());
        }
        let (name, reason) = (self.name.to_owned(), error.to_string());
        RecoveryFailure::Open(OpenError::Misfit { name, sequence, reason })
    }

    /// Removes the entry at `covered`, the sequence of the snapshot, from the first page. The log
    /// lacks that entry only if a later snapshot covers it, or after a purge by hand; the entries
    /// behind the snapshot are unknown then. An entry with another checksum than `sum` is there
    /// if a server lost entries and kept the snapshot.
    fn keeps(&self, covered: u64, sum: u32, page: &mut Page) -> Result<(), RecoveryFailure> {
        if covered == 0 {
            return Ok(());
        }
        let Some(first) = page.entries.first().filter(|first| first.sequence == covered) else {
            let reason = format!(
                "the log lacks the entry at sequence {covered}, with which its snapshot ends; restore the entries, or remove the snapshots as well"
            );
            return Err(RecoveryFailure::Again(reason));
        };
        if checksum(&first.entry) != Some(sum) {
            let reason = "the snapshot ends with another entry; a server has lost entries and kept the snapshot, so restore both or remove the snapshots";
            return Err(self.damaged(covered, reason));
        }
        page.entries.remove(0);
        Ok(())
    }
}
