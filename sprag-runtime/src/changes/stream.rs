//! [`Changes`]: every commit of a cell, for an async reader.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures_core::Stream;

use super::commit::Commit;
use crate::cell::change::Delivered;
use crate::cell::{CallTime, Cell, CommitInfo, Select, subscriber};
use crate::delta::Known;
use crate::error::Lagged;
use crate::stream::{EventStream, channel};

/// How many commits wait for a reader at most, unless the reader says otherwise.
const BOUND: usize = 1_024;

/// Every commit from now on, in order.
///
/// The stream ends with the state; dropping it unsubscribes. A reader that falls behind by
/// more than [`bound`](Self::bound) commits gets [`Lagged`] with the number of those that
/// are lost. It begins again with the state as it is then.
///
/// Made by [`Model::changes`](crate::Model::changes); it needs no runtime.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Changes<T: 'static> {
    stream: EventStream<Commit<T>>,
    cell: Weak<Cell<T>>,
    root: Known,
}

impl<T: Clone + Send + Sync + 'static> Changes<T> {
    pub(crate) fn of(cell: &Arc<Cell<T>>, root: Known) -> Self {
        Self { stream: subscribe(cell, root, BOUND), cell: Arc::downgrade(cell), root }
    }

    /// At most `count` commits wait for the reader, 1 at least. Without this 1,024 do.
    ///
    /// Begins anew: commits from before this call are not in the stream.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq)]
    /// # struct Tv { position: u64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// let mut changes = tv.changes().bound(2);
    /// (1..=5).for_each(|position| drop(tv.set(Tv::PATHS.position, position)));
    /// let lost = changes.next().await.expect("the model lives").unwrap_err();
    /// assert_eq!(lost.0, 3);
    /// # });
    /// ```
    pub fn bound(self, count: usize) -> Self {
        match self.cell.upgrade() {
            Some(cell) => Self { stream: subscribe(&cell, self.root, count.max(1)), ..self },
            None => self,
        }
    }
}

fn subscribe<T: Clone + Send + Sync + 'static>(
    cell: &Arc<Cell<T>>,
    root: Known,
    bound: usize,
) -> EventStream<Commit<T>> {
    let (sender, receiver) = channel(bound);
    let send = move |commit: &Commit<T>, _: &Delivered<'_, T>| sender.send(commit.clone());
    cell.record(root, false);
    EventStream::new(receiver, cell.subscribe(Commits, subscriber(send), CallTime::AfterCommit))
}

impl<T> Stream for Changes<T> {
    type Item = Result<Commit<T>, Lagged>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.stream).poll_next(cx)
    }
}

impl<T> fmt::Debug for Changes<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

/// Selects every commit, as data.
pub(super) struct Commits;

impl<T: Send + Sync + 'static> Select<T> for Commits {
    type Captured = Commit<T>;
    type Resolved = Commit<T>;
    type Item<'a> = &'a Commit<T>;

    const PLAIN: bool = true;
    const RECORDS: bool = true;

    fn capture(&self, _: &Arc<T>, commit: &CommitInfo<'_, T>) -> Commit<T> {
        let (version, origin) = (commit.version, commit.origin.cloned());
        Commit {
            version,
            origin,
            record: commit.recorded().and_then(|recorded| recorded.0.clone()),
        }
    }

    fn resolve(&self, commit: Commit<T>) -> Option<Commit<T>> {
        Some(commit)
    }

    fn each_item(&self, commit: &Commit<T>, mut call: impl FnMut(&Commit<T>)) {
        call(commit);
    }
}
