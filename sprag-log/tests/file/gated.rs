//! An engine whose reads wait until the test lets them go on.

use bytes::Bytes;
use sprag_log::{AppendError, File, Log, Page, ReadError, Snapshot};
use tokio::sync::watch;

#[derive(Debug)]
pub(crate) struct Gated {
    file: File,
    is_open: watch::Sender<bool>,
    reads: watch::Sender<usize>,
}

impl Gated {
    /// An engine on `file`, whose reads wait.
    pub(crate) fn on(file: File) -> Self {
        Self { file, is_open: watch::Sender::new(false), reads: watch::Sender::new(0) }
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// Lets the reads wait from now on.
    pub(crate) fn close(&self) {
        self.is_open.send_replace(false);
        self.reads.send_replace(0);
    }

    /// Waits until a read waits.
    pub(crate) async fn is_read(&self) {
        let mut reads = self.reads.subscribe();
        reads.wait_for(|reads| *reads > 0).await.expect("the engine is there");
    }
}

impl Log for Gated {
    type Follower = <File as Log>::Follower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.file.append(name, last, entry).await
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        self.reads.send_modify(|reads| *reads += 1);
        let mut is_open = self.is_open.subscribe();
        is_open.wait_for(|is_open| *is_open).await.expect("the engine is there");
        self.file.read(name, after).await
    }

    fn follow(&self, name: &str, after: u64) -> Self::Follower {
        self.file.follow(name, after)
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.file.save_snapshot(name, snapshot).await
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.file.load_snapshot(name).await
    }
}
