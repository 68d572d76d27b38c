//! [`Hub`]: one instance of a store for its connections, independent of its type.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;
use sprag_runtime::path::Schema;
use sprag_runtime::{Changeset, Origins};

use crate::live::browser_ops;
use crate::live::frames::Channel;
use crate::random;
use crate::writes::repeated_writes::Writers;

/// One instance of a store: its commits as frames, and the writes of its pages.
pub(crate) struct Hub {
    /// The instance's name, which changes when the server restarts. If other servers share
    /// the store's incarnation, the name begins with that of the incarnation.
    epoch: Arc<str>,
    /// The whole state.
    root: Arc<Channel>,
    /// The schema of the state's type, with the browsers' rights.
    schema: Schema,
    pub(crate) writers: Writers,
}

/// The content of a `change` frame besides the store's name.
#[derive(Serialize)]
struct ChangeFrame<'a> {
    from: u64,
    to: u64,
    #[serde(skip_serializing_if = "Origins::is_empty")]
    by: &'a Origins,
    ops: Box<RawValue>,
}

impl Hub {
    pub(crate) fn new(name: &str, schema: Schema, incarnation: Option<&str>) -> Self {
        let instance = random::text();
        let epoch: Arc<str> = match incarnation {
            Some(incarnation) => format!("{incarnation}-{instance}").into(),
            None => instance.into(),
        };
        let root = Arc::new(Channel::new(name, Arc::clone(&epoch)));
        Self { epoch, root, schema, writers: Writers::new() }
    }

    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// Whether the instance `epoch` of another server shows the same states under the same
    /// versions.
    pub(crate) fn has_history_of(&self, epoch: &str) -> bool {
        match (self.epoch.split_once('-'), epoch.split_once('-')) {
            (Some((own, _)), Some((other, _))) => own == other && *self.epoch != *epoch,
            _ => false,
        }
    }

    /// Whether other servers show the same states under the same versions.
    pub(crate) fn is_shared(&self) -> bool {
        self.epoch.contains('-')
    }

    /// The channel of the whole state.
    pub(crate) fn root(&self) -> &Arc<Channel> {
        &self.root
    }

    /// The schema of the state's type, with the browsers' rights.
    pub(crate) fn schema(&self) -> Schema {
        self.schema
    }

    /// Begins, for the first time or again, at the version `version`.
    pub(crate) fn begin(&self, version: u64) {
        self.root.skip_to(version);
    }

    /// Sends a commit to all followers.
    ///
    /// A gap is left for commits that the reader lost, and for a commit that cannot be
    /// written as JSON.
    pub(crate) fn publish(&self, set: &Changeset) {
        let head = self.root.version();
        if set.to <= head {
            return;
        }
        if set.from != head {
            self.root.skip_to(set.from);
        }
        match self.frame(set) {
            Ok(Some(json)) => self.root.push(set.to, &json[1..json.len() - 1]),
            Ok(None) => self.root.skip_to(set.to),
            Err(error) => {
                tracing::error!(store = self.root.name(), %error, "a commit cannot be sent");
                self.root.skip_to(set.to);
            }
        }
    }

    /// The data of a commit's frame; `None` if the state must be sent instead.
    fn frame(&self, set: &Changeset) -> serde_json::Result<Option<String>> {
        let Changeset { from, to, by, ops, .. } = set;
        let Some(ops) = browser_ops::ops(self.schema, ops)? else { return Ok(None) };
        let ops = RawValue::from_string(ops)?;
        serde_json::to_string(&ChangeFrame { from: *from, to: *to, by, ops }).map(Some)
    }

    /// Marks the state as ended.
    pub(crate) fn end(&self) {
        self.root.end();
    }
}
