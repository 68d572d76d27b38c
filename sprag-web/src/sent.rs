//! [`PageWrites`]: what a browser sends.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use sprag_runtime::path::Address;

/// Writes of one page that travel together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageWrites {
    /// The epoch that the page knows.
    pub(crate) e: String,
    /// The page's tag.
    pub(crate) t: Arc<str>,
    /// The writes, in order.
    pub(crate) m: Vec<Sent>,
}

/// One write.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    /// Its number.
    pub(crate) n: u64,
    /// Whether it was sent before and not answered.
    #[serde(default)]
    pub(crate) again: bool,
    /// What it does: the ops of a changeset, read when the write is made, so that a wrong
    /// one is the fault of this write alone.
    pub(crate) ops: Value,
    /// What must hold before it.
    #[serde(default, rename = "if")]
    pub(crate) conditions: Vec<Condition>,
}

/// A place and what it must hold; without a value the place must be absent.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Condition {
    /// The place holds the value.
    Holds((Address, Value)),
    /// There is no such place.
    Absent((Address,)),
}

impl Condition {
    pub(crate) fn place(&self) -> &Address {
        match self {
            Self::Holds((place, _)) | Self::Absent((place,)) => place,
        }
    }
}
