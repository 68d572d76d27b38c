//! [`LogTypes`]: the types that wrote a log, the oldest first.

/// The fingerprints of the types that wrote a log.
#[derive(Clone, Debug)]
pub(crate) struct LogTypes {
    /// The fingerprint of this process's type.
    own: u32,
    /// In the order in which they first wrote.
    seen: Vec<u32>,
}

/// The age of a type that wrote an entry or a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TypeAge {
    Own,
    /// The type wrote before this process's type did, or this process's type succeeds it.
    Older,
    /// The type wrote after this process's type did.
    Newer,
}

impl LogTypes {
    pub(crate) fn new(own: u32) -> Self {
        Self { own, seen: Vec::new() }
    }

    pub(crate) fn own(&self) -> u32 {
        self.own
    }

    pub(crate) fn seen(&self) -> &[u32] {
        &self.seen
    }

    /// Records that `fingerprint` wrote.
    pub(crate) fn note(&mut self, fingerprint: u32) {
        if !self.seen.contains(&fingerprint) {
            self.seen.push(fingerprint);
        }
    }

    /// Whether the type with this fingerprint is older than this process's.
    pub(crate) fn age(&self, fingerprint: u32) -> TypeAge {
        let own = self.seen.iter().position(|seen| *seen == self.own);
        match own {
            _ if fingerprint == self.own => TypeAge::Own,
            Some(own) if !self.seen[..own].contains(&fingerprint) => TypeAge::Newer,
            _ => TypeAge::Older,
        }
    }
}
