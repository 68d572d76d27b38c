//! [`PartedSnapshots`]: large snapshots, which are written in parts, one in each commit: an append
//! waits for one part, and not for a whole snapshot.
//!
//! The parts are valid once the commit with the last of them is made, the request itself.

use std::collections::VecDeque;

use super::keeper::KeepRequest;

/// The maximal size of a part. The engine gives a value the next power of two of bytes, with a
/// little for its key.
pub(super) const PART: usize = (1 << 20) - (4 << 10);

/// The large snapshots that wait, and how many parts of the first one are written.
#[derive(Default)]
pub(super) struct PartedSnapshots {
    waiting: VecDeque<KeepRequest>,
    written: u64,
}

impl PartedSnapshots {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Takes the large snapshots from the requests of a commit, and adds the next part of the
    /// first one.
    pub(super) fn exchange(&mut self, requests: &mut Vec<KeepRequest>) {
        self.waiting.extend(requests.extract_if(.., |request| request.is_large()));
        requests.extend(self.next());
    }

    /// The next part of the first snapshot; at last the request itself, with the rest of the body.
    fn next(&mut self) -> Option<KeepRequest> {
        let Some(KeepRequest::Keep { name, snapshot, .. }) = self.waiting.front_mut() else {
            return None;
        };
        if snapshot.body.len() <= PART {
            self.written = 0;
            return self.waiting.pop_front();
        }
        let (name, sequence) = (name.clone(), snapshot.sequence);
        let (index, part) = (self.written, snapshot.body.split_to(PART));
        self.written += 1;
        Some(KeepRequest::Part { name, sequence, index, part })
    }

    /// Fails the snapshot of which a part was written, since a failed commit drops its parts.
    pub(super) fn fail(&mut self, error: &redb::Error) {
        if self.written > 0
            && let Some(request) = self.waiting.pop_front()
        {
            self.written = 0;
            request.fail(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::sync::oneshot::{self, Receiver};

    use super::*;
    use crate::backend::Snapshot;
    use crate::error::ReadError;

    fn keep(sequence: u64, size: usize) -> (KeepRequest, Receiver<Result<(), ReadError>>) {
        let (reply, replied) = oneshot::channel();
        let body = Bytes::from(vec![b'x'; size]);
        let snapshot = Snapshot { sequence, body };
        (KeepRequest::Keep { name: "a".into(), snapshot, reply }, replied)
    }

    /// The sequence, the index and the size of each request; the last part has no index.
    fn shapes(requests: &[KeepRequest]) -> Vec<(u64, Option<u64>, usize)> {
        let shape = |request: &KeepRequest| match request {
            KeepRequest::Keep { snapshot, .. } => (snapshot.sequence, None, snapshot.body.len()),
            KeepRequest::Part { sequence, index, part, .. } => {
                (*sequence, Some(*index), part.len())
            }
            KeepRequest::Append { .. } => panic!("nothing is appended"),
        };
        requests.iter().map(shape).collect()
    }

    #[test]
    fn l9_large_snapshots_are_written_one_after_the_other_a_part_in_each_commit() {
        let mut parted = PartedSnapshots::default();
        let mut requests = vec![keep(1, 2 * PART + 1).0, keep(2, PART).0, keep(3, PART + 1).0];
        let mut commits = Vec::new();
        loop {
            parted.exchange(&mut requests);
            if requests.is_empty() {
                break;
            }
            commits.push(shapes(&std::mem::take(&mut requests)));
        }
        let expected = [
            vec![(2, None, PART), (1, Some(0), PART)],
            vec![(1, Some(1), PART)],
            vec![(1, None, 1)],
            vec![(3, Some(0), PART)],
            vec![(3, None, 1)],
        ];
        assert_eq!(commits, expected);
    }

    #[test]
    fn l9_a_failed_commit_fails_the_snapshot_of_which_a_part_was_written() {
        let error = redb::Error::Corrupted("of the test".into());
        let mut parted = PartedSnapshots::default();
        let ((first, mut of_first), (second, mut of_second)) =
            (keep(1, 3 * PART), keep(2, 2 * PART));
        let mut requests = vec![first, second];
        parted.exchange(&mut requests);
        parted.fail(&error);
        assert!(of_first.try_recv().expect("a reply").is_err());
        // No part of the second one was written.
        parted.fail(&error);
        of_second.try_recv().expect_err("it waits");
        requests.clear();
        parted.exchange(&mut requests);
        assert_eq!(shapes(&requests), [(2, Some(0), PART)]);
    }
}
