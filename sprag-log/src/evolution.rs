//! [`Evolution`]: a log outlives the type of its state.
//!
//! Each entry and each snapshot names the type that wrote it. Data of another type is read
//! by serde's rules, by names and aliases. Data of an older type that this type no longer
//! has is left out. Data of a newer type that this type does not have makes the process
//! stop following, since its next snapshot would drop that data for all processes.

mod fingerprint;
mod interpreter;
mod places;
mod types;

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use sprag_runtime::Op;
use sprag_runtime::path::{Schema, State};

pub(crate) use self::interpreter::UnfitOp;
use self::interpreter::make;
use self::places::{adapted, lost, unheld};
pub(crate) use self::types::{LogTypes, TypeAge};
use crate::entry::LogEntry;
use crate::replay::Misfit;

/// Converts the JSON of an older type to that of this type.
pub(crate) type Migrate = Arc<dyn Fn(Value) -> Result<Value, MigrateError> + Send + Sync>;
pub(crate) type MigrateError = Box<dyn std::error::Error + Send + Sync>;

/// The relation of a log's types to the type of this process.
#[derive(Clone)]
pub(crate) struct Evolution {
    pub(crate) types: LogTypes,
    schema: Schema,
    migrate: Option<Migrate>,
}

impl Evolution {
    pub(crate) fn of<T: State>(migrate: Option<Migrate>) -> Self {
        let schema = Schema::of::<T>();
        Self { types: LogTypes::new(fingerprint::fingerprint(schema)), schema, migrate }
    }

    /// Whether data of this type is read as JSON, for the user's migration.
    pub(crate) fn wants_json(&self, fingerprint: u32) -> bool {
        self.migrate.is_some() && self.types.age(fingerprint) == TypeAge::Older
    }

    pub(crate) fn is_newer(&self, fingerprint: u32) -> bool {
        self.types.age(fingerprint) == TypeAge::Newer
    }

    /// The ops of an entry, in terms of this type.
    pub(crate) fn ops(&mut self, entry: &LogEntry) -> Result<Vec<Op>, Misfit> {
        let ops = entry.ops()?;
        self.types.note(entry.fingerprint);
        match self.types.age(entry.fingerprint) {
            TypeAge::Own => Ok(ops),
            TypeAge::Older => {
                Ok(ops.into_iter().filter_map(|op| adapted(self.schema, op).ok()).collect())
            }
            TypeAge::Newer => ops.into_iter().map(|op| self.newer(op)).collect(),
        }
    }

    /// An op of a newer type, if this type can keep all of it.
    fn newer(&self, op: Op) -> Result<Op, Misfit> {
        let op = adapted(self.schema, op).map_err(|place| Misfit::Newer { place })?;
        match unheld(self.schema, &op) {
            Some(place) => Err(Misfit::Newer { place }),
            None => Ok(op),
        }
    }

    /// A state that the type with this fingerprint wrote.
    pub(crate) fn state<T: DeserializeOwned>(
        &self,
        fingerprint: u32,
        state: &RawValue,
    ) -> Result<T, Misfit> {
        match self.types.age(fingerprint) {
            TypeAge::Own => Ok(serde_json::from_str(state.get())?),
            TypeAge::Older if self.migrate.is_none() => Ok(serde_json::from_str(state.get())?),
            TypeAge::Older => self.migrated(serde_json::from_str(state.get())?),
            TypeAge::Newer => {
                let value = serde_json::from_str(state.get())?;
                match lost(self.schema, &value, &Default::default()) {
                    Some(place) => Err(Misfit::Newer { place }),
                    None => serde_json::from_value(value)
                        .map_err(|error| Misfit::NewerValue(error.to_string())),
                }
            }
        }
    }

    /// The result of the user's migration of an older state.
    pub(crate) fn migrated<T: DeserializeOwned>(&self, older: Value) -> Result<T, Misfit> {
        let value = match &self.migrate {
            Some(migrate) => {
                migrate(older).map_err(|error| Misfit::Migration(error.to_string()))?
            }
            None => older,
        };
        Ok(serde_json::from_value(value)?)
    }

    /// Applies an entry of an older type to the JSON of its state.
    pub(crate) fn make(&self, state: &mut Value, entry: &LogEntry) -> Result<(), Misfit> {
        entry.ops()?.iter().try_for_each(|op| Ok(make(state, op)?))
    }
}
