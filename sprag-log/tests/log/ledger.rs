//! The state of the tests: a sum, and the writes that raised it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{Logged, TransactError};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    pub(crate) sum: u64,
    /// The sum after each write, by the write's name.
    pub(crate) done: BTreeMap<String, u64>,
    pub(crate) order: Vec<String>,
}

impl Ledger {
    /// Panics unless each write was made once, in one order.
    pub(crate) fn check(&self) {
        assert_eq!(self.sum, self.done.len() as u64, "each write raised the sum once");
        assert_eq!(self.order.len(), self.done.len(), "each write is in the order once");
        for (index, name) in self.order.iter().enumerate() {
            assert_eq!(self.done[name], index as u64 + 1, "{name} saw all writes before it");
        }
    }
}

/// Why [`raise`] refuses a write.
#[derive(Debug, PartialEq)]
pub(crate) struct Twice;

/// Raises the sum by one, once for each `name`; returns the sum.
pub(crate) async fn raise(
    ledger: &Logged<Ledger>,
    name: &str,
) -> Result<u64, TransactError<Twice>> {
    let name = name.to_owned();
    ledger
        .transact(move |tx| {
            if tx.state().done.contains_key(&name) {
                return Err(Twice);
            }
            let sum = tx.get(Ledger::PATHS.sum) + 1;
            tx.set(Ledger::PATHS.sum, sum);
            tx.insert(Ledger::PATHS.done, name.clone(), sum);
            tx.push(Ledger::PATHS.order, name.clone());
            Ok(sum)
        })
        .await
}
