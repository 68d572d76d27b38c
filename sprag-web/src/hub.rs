//! [`Hub`]: one instance of a store as its connections see it, whatever its type.

use std::sync::Arc;

use serde::Serialize;
use sprag_runtime::{Changeset, Op};

use crate::channel::Channel;
use crate::random;
use crate::writers::Writers;

/// One instance of a store: its commits as frames, and what its pages have written.
pub(crate) struct Hub {
    /// The instance's name: a restarted server has another.
    epoch: Arc<str>,
    /// The whole state.
    root: Arc<Channel>,
    pub(crate) writers: Writers,
}

/// What a `change` frame carries besides the store's name.
#[derive(Serialize)]
struct Frame<'a> {
    from: u64,
    to: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'a (String, u64)>,
    ops: &'a [Op],
}

impl Hub {
    pub(crate) fn new(name: &str) -> Self {
        let epoch: Arc<str> = random::text().into();
        let root = Arc::new(Channel::new(name, Arc::clone(&epoch)));
        Self { epoch, root, writers: Writers::new() }
    }

    pub(crate) fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The channel of the whole state.
    pub(crate) fn root(&self) -> &Arc<Channel> {
        &self.root
    }

    /// Begins, or begins anew, at the version `version`.
    pub(crate) fn begin(&self, version: u64) {
        self.root.skip_to(version);
    }

    /// Sends a commit to all who follow.
    ///
    /// Commits that the reader lost leave a gap, and one that cannot be written as JSON is
    /// one, too.
    pub(crate) fn publish(&self, set: &Changeset) {
        let head = self.root.version();
        if set.to <= head {
            return;
        }
        if set.from != head {
            self.root.skip_to(set.from);
        }
        let Changeset { from, to, by, ops, .. } = set;
        match serde_json::to_string(&Frame { from: *from, to: *to, by: by.as_ref(), ops }) {
            Ok(json) => self.root.push(*to, &json[1..json.len() - 1]),
            Err(error) => {
                tracing::error!(store = self.root.name(), %error, "a commit cannot be sent");
                self.root.skip_to(*to);
            }
        }
    }

    /// The state has ended.
    pub(crate) fn end(&self) {
        self.root.end();
    }
}
