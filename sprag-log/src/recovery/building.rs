//! [`Building`]: the state of a log, as far as a recovery has read the log.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use sprag_runtime::__private::create_replica;
use sprag_runtime::path::State;
use sprag_runtime::{Changeset, Model};

use crate::chain::{Broken, EntryChain};
use crate::entry::{LogEntry, StoredState};
use crate::evolution::Evolution;
use crate::replay::{Misfit, applied};

pub(super) struct Building<T: 'static> {
    name: String,
    base: Base<T>,
    /// The state of the first entry, with the fingerprint of the type that wrote its JSON.
    initial: Option<(u32, Arc<RawValue>)>,
    pub(super) evolution: Evolution,
    /// The evolution of a log without entries.
    unused: Evolution,
    pub(super) chain: EntryChain,
    /// Entries and bytes since the last snapshot.
    pub(super) since_snapshot: (u64, u64),
    /// The bytes of the last snapshot.
    pub(super) snapshot_size: u64,
}

/// The state so far.
enum Base<T: 'static> {
    /// Before the first entry.
    Nothing,
    /// The state of older types, for the migration.
    Older(Value),
    Typed(Model<T>),
}

impl<T> Building<T>
where
    T: State + Clone + Send + Sync + Serialize + DeserializeOwned,
{
    pub(super) fn new(name: &str, evolution: Evolution) -> Self {
        let (base, chain) = (Base::Nothing, EntryChain::empty());
        let (name, unused) = (name.to_owned(), evolution.clone());
        let (initial, since_snapshot, snapshot_size) = (None, (0, 0), 0);
        Self { name, base, initial, evolution, unused, chain, since_snapshot, snapshot_size }
    }

    /// Begins with the state of a snapshot.
    pub(super) fn begin(
        &mut self,
        state: &StoredState<'_, &RawValue>,
        sequence: u64,
    ) -> Result<(), Misfit> {
        state.types.iter().for_each(|fingerprint| self.evolution.types.note(*fingerprint));
        self.evolution.types.note(state.fingerprint);
        self.chain = EntryChain::at(state.log, sequence, state.sum);
        let Some(own) = &state.state else {
            self.chain.is_ended = true;
            self.evolution = self.unused.clone();
            return Ok(());
        };
        let initial = state.initial.map(|initial| initial.to_owned().into());
        self.initial = initial.map(|initial| (state.fingerprint, initial));
        if self.evolution.wants_json(state.fingerprint) {
            self.base = Base::Older(serde_json::from_str(own.get())?);
            return Ok(());
        }
        let state = self.evolution.state(state.fingerprint, own)?;
        self.base = Base::Typed(self.model(state, sequence)?);
        Ok(())
    }

    /// Adds an entry that counts. The entry is applied at once, or together with others by
    /// [`make`](Self::make).
    pub(super) fn take_in(
        &mut self,
        sequence: u64,
        entry: LogEntry,
        together: &mut Vec<LogEntry>,
    ) -> Result<(), Misfit> {
        if entry.ends() {
            together.clear();
            (self.base, self.initial) = (Base::Nothing, None);
            self.evolution = self.unused.clone();
            return Ok(());
        }
        self.evolution.types.note(entry.fingerprint);
        if let (Base::Nothing, Some(state)) = (&self.base, &entry.state) {
            self.initial = Some((entry.fingerprint, state.clone().into()));
        }
        let is_older = self.evolution.wants_json(entry.fingerprint);
        match (&mut self.base, &entry.state) {
            (Base::Nothing, Some(state)) if is_older => {
                self.base = Base::Older(serde_json::from_str(state.get())?);
            }
            (Base::Nothing, Some(state)) => {
                let state = self.evolution.state(entry.fingerprint, state)?;
                self.base = Base::Typed(self.model(state, sequence)?);
            }
            (Base::Older(state), _) if is_older => self.evolution.make(state, &entry)?,
            (Base::Older(_), _) => {
                self.migrate(entry.prev)?;
                together.push(entry);
            }
            _ => together.push(entry),
        }
        Ok(())
    }

    /// Applies the entries, as one commit.
    pub(super) fn make(&mut self, entries: &[LogEntry]) -> Result<(), Misfit> {
        if entries.is_empty() {
            return Ok(());
        }
        let Base::Typed(model) = &self.base else { return Err(Broken::Headless.into()) };
        applied(model, self.chain.counted, entries, &mut self.evolution).map(drop)
    }

    /// Whether the log has no entries.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.base, Base::Nothing)
    }

    /// The state of the whole log.
    pub(super) fn finish(&mut self) -> Result<Option<Model<T>>, Misfit> {
        self.migrate(self.chain.counted)?;
        match std::mem::replace(&mut self.base, Base::Nothing) {
            Base::Typed(model) => Ok(Some(model)),
            Base::Nothing | Base::Older(_) => Ok(None),
        }
    }

    /// The state of the first entry, as JSON of this process's type. `None` if a snapshot without
    /// that state covers the first entry.
    pub(super) fn initial(&mut self) -> Result<Option<Arc<RawValue>>, Misfit> {
        let Some((fingerprint, initial)) = self.initial.take() else { return Ok(None) };
        if fingerprint == self.evolution.types.own() {
            return Ok(Some(initial));
        }
        let read = self.evolution.state::<T>(fingerprint, &initial);
        let initial = read.and_then(|state| Ok(to_raw_value(&state)?));
        initial.map(|initial| Some(initial.into())).map_err(|misfit| Misfit::Initial(misfit.into()))
    }

    /// Migrates the state of older types, up to `sequence`.
    fn migrate(&mut self, sequence: u64) -> Result<(), Misfit> {
        if let Base::Older(state) = &mut self.base {
            let state = self.evolution.migrated(state.take())?;
            self.base = Base::Typed(self.model(state, sequence)?);
        }
        Ok(())
    }

    /// A model of `state`, at the version `sequence`.
    fn model(&self, state: T, sequence: u64) -> Result<Model<T>, Misfit> {
        let model = create_replica(&*self.name, state);
        model.apply_as(&Changeset::new(0, sequence, Vec::new()))?;
        Ok(model)
    }
}
