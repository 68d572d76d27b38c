//! L1 and L7: the last handle of a folder is dropped while the engine writes.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use futures_util::FutureExt;
use redb::StorageBackend;
use sprag_log::{File, Log};
use test_support::within_async;

use crate::faults::Medium;

/// A storage whose syncs wait while it is stalled.
#[derive(Clone, Debug)]
struct Stalling {
    medium: Medium,
    is_stalled: Arc<(Mutex<bool>, Condvar)>,
    /// Receives a message for each sync that waits.
    waits: SyncSender<()>,
}

impl Stalling {
    fn new() -> (Self, Receiver<()>) {
        let (waits, waiting) = sync_channel(100);
        (Self { medium: Medium::default(), is_stalled: Arc::default(), waits }, waiting)
    }

    fn stall(&self) {
        *self.is_stalled.0.lock().unwrap() = true;
    }

    fn go_on(&self) {
        *self.is_stalled.0.lock().unwrap() = false;
        self.is_stalled.1.notify_all();
    }
}

impl StorageBackend for Stalling {
    fn len(&self) -> Result<u64, io::Error> {
        self.medium.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.medium.read(offset, out)
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        self.medium.set_len(length)
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let mut is_stalled = self.is_stalled.0.lock().unwrap();
        if *is_stalled {
            self.waits.send(()).expect("the test has the receiver");
        }
        while *is_stalled {
            is_stalled = self.is_stalled.1.wait(is_stalled).unwrap();
        }
        self.medium.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.medium.write(offset, data)
    }
}

#[tokio::test]
async fn l1_l7_dropping_the_last_handle_waits_for_all_that_was_requested() {
    within_async(Duration::from_secs(60), async {
        let (storage, waiting) = Stalling::new();
        let file = File::on(storage.clone()).expect("an empty storage opens");
        storage.stall();
        // One append is in its commit, and one waits behind that.
        assert!(file.append("notes", 0, "first".into()).now_or_never().is_none());
        waiting.recv().expect("the commit syncs");
        assert!(file.append("notes", 1, "second".into()).now_or_never().is_none());
        let dropping = thread::spawn(move || drop(file));
        storage.go_on();
        dropping.join().expect("no panic");
        assert_eq!(Arc::strong_count(&storage.is_stalled), 1, "no thread has the storage");

        let file = File::on(storage).expect("nothing has the storage open");
        let page = file.read("notes", 0).await.expect("the log is whole");
        let entries: Vec<_> = page.entries.iter().map(|stored| &*stored.entry).collect();
        assert_eq!(entries, [b"first" as &[u8], b"second"]);
    })
    .await;
}
