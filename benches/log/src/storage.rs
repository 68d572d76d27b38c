//! Storages of the embedded engine: in memory, and with a slow `fsync`.

use std::io;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::Duration;

use redb::StorageBackend;

/// Bytes that outlive their database, with a sync that takes its time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    bytes: Arc<Mutex<Vec<u8>>>,
    sync: Duration,
}

impl Storage {
    /// A sync takes `sync`.
    pub(crate) fn new(sync: Duration) -> Self {
        Self { bytes: Arc::default(), sync }
    }

    fn with<U>(&self, f: impl FnOnce(&mut Vec<u8>) -> U) -> U {
        f(&mut self.bytes.lock().expect("no access panics"))
    }
}

impl StorageBackend for Storage {
    fn len(&self) -> io::Result<u64> {
        Ok(self.with(|bytes| bytes.len() as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = offset as usize;
        self.with(|bytes| out.copy_from_slice(&bytes[offset..offset + out.len()]));
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.with(|bytes| bytes.resize(len as usize, 0));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        if !self.sync.is_zero() {
            sleep(self.sync);
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = offset as usize;
        self.with(|bytes| bytes[offset..offset + data.len()].copy_from_slice(data));
        Ok(())
    }
}
