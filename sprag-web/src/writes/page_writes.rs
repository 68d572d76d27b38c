//! [`PageWrites`]: the writes that a browser sends.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use sprag_runtime::path::Address;

/// Writes of one page in one request.
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
    /// The write's number.
    pub(crate) n: u64,
    /// Whether the write was sent before without getting a reply.
    #[serde(default)]
    pub(crate) again: bool,
    /// The ops of a changeset. They are parsed when the write is made, so that invalid ops
    /// fail this write alone.
    pub(crate) ops: Value,
    /// The conditions of the write.
    #[serde(default, rename = "if")]
    pub(crate) conditions: Vec<Condition>,
}

/// A place and its expected value; without a value the place must be absent.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Condition {
    /// The place holds the value.
    Holds((Address, Value)),
    /// The place does not exist.
    Absent((Address,)),
}
