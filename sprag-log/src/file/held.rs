//! [`HeldStorage`]: a storage whose writes wait in memory until its content has proved readable.
//!
//! The engine writes while it opens a file: it marks the file as open, and repairs a file that was
//! not closed. If it then finds a page that is damaged, the file must be as it was. Until
//! [`HeldStorage::release`] the writes are therefore a list, which reads take into account.
//! This module does not know what the storage contains.

use std::io;
use std::ops::Bound;
use std::sync::Arc;

use parking_lot::RwLock;
use redb::{BackendError, StorageBackend};

/// A storage and its waiting writes. A clone is the same storage.
#[derive(Debug)]
pub(super) struct HeldStorage<S>(Arc<SharedStorage<S>>);

#[derive(Debug)]
struct SharedStorage<S> {
    storage: S,
    /// The writes that the storage has not received, in order; `None` once they are released.
    writes: RwLock<Option<Vec<HeldWrite>>>,
}

/// One call of the engine.
#[derive(Debug)]
enum HeldWrite {
    Length(u64),
    Data(u64, Vec<u8>),
    Sync,
}

impl<S: StorageBackend> HeldStorage<S> {
    pub(super) fn new(storage: S) -> Self {
        Self(Arc::new(SharedStorage { storage, writes: RwLock::new(Some(Vec::new())) }))
    }

    /// Makes the waiting writes, in order and with their syncs. Later ones do not wait. After an
    /// error the storage may have a part of them, as after a crash, and later ones still wait.
    pub(super) fn release(&self) -> io::Result<()> {
        let mut writes = self.0.writes.write();
        writes.iter().flatten().try_for_each(|write| write.make(&self.0.storage))?;
        *writes = None;
        Ok(())
    }

    /// Adds `write` to the waiting ones, or makes it at once.
    fn add(
        &self,
        held: impl FnOnce() -> HeldWrite,
        make: impl FnOnce(&S) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.0.writes.read().is_none() {
            return make(&self.0.storage);
        }
        if let Some(writes) = &mut *self.0.writes.write() {
            writes.push(held());
            return Ok(());
        }
        make(&self.0.storage)
    }
}

impl HeldWrite {
    fn make(&self, storage: &impl StorageBackend) -> io::Result<()> {
        match self {
            Self::Length(length) => storage.set_len(*length),
            Self::Data(offset, data) => storage.write(*offset, data),
            Self::Sync => storage.sync_data(),
        }
    }

    /// Applies the write to `out`, which are the bytes from `offset` on.
    fn apply(&self, offset: u64, out: &mut [u8]) {
        match self {
            Self::Length(length) => {
                let kept = usize::try_from(length.saturating_sub(offset)).unwrap_or(usize::MAX);
                out.iter_mut().skip(kept).for_each(|byte| *byte = 0);
            }
            Self::Data(at, data) => {
                let before = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
                let out = out.get_mut(before(at.saturating_sub(offset))..).unwrap_or_default();
                let data = data.get(before(offset.saturating_sub(*at))..).unwrap_or_default();
                let count = out.len().min(data.len());
                out[..count].copy_from_slice(&data[..count]);
            }
            Self::Sync => {}
        }
    }
}

impl<S> Clone for HeldStorage<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: StorageBackend> StorageBackend for HeldStorage<S> {
    fn len(&self) -> io::Result<u64> {
        let writes = self.0.writes.read();
        let lengths = writes.iter().flatten().rev();
        let held = lengths.filter_map(|write| match write {
            HeldWrite::Length(length) => Some(*length),
            _ => None,
        });
        held.map(Ok).next().unwrap_or_else(|| self.0.storage.len())
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let writes = self.0.writes.read();
        let Some(writes) = &*writes else { return self.0.storage.read(offset, out) };
        let stored = self.0.storage.len()?.saturating_sub(offset);
        let stored = usize::try_from(stored).unwrap_or(usize::MAX).min(out.len());
        // A place behind the end is an error also where nothing is read.
        if stored > 0 {
            self.0.storage.read(offset, &mut out[..stored])?;
        }
        out[stored..].fill(0);
        writes.iter().for_each(|write| write.apply(offset, out));
        Ok(())
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.add(|| HeldWrite::Length(length), |storage| storage.set_len(length))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.add(|| HeldWrite::Sync, StorageBackend::sync_data)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let held = || HeldWrite::Data(offset, data.to_vec());
        self.add(held, |storage| storage.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        self.0.storage.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.storage.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.0.storage.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.storage.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.storage.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.storage.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.storage.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use redb::backends::{FileBackend, InMemoryBackend};

    use super::*;

    /// Makes the same random writes on both storages, and compares what they read.
    fn compared(storages: [&dyn StorageBackend; 2], random: &mut fastrand::Rng) {
        let [held, plain] = storages;
        for _ in 0..20 {
            let length = plain.len().expect("memory");
            let offset = random.u64(0..=length);
            let data = vec![random.u8(1..); random.usize(0..=(length - offset) as usize)];
            let length = random.u64(0..256);
            for storage in storages {
                storage.write(offset, &data).expect("memory");
                storage.sync_data().expect("memory");
                if length < 64 {
                    storage.set_len(length).expect("memory");
                }
            }
            assert_eq!(held.len().expect("memory"), plain.len().expect("memory"));
            let length = plain.len().expect("memory");
            let offset = random.u64(0..=length);
            let mut read = [(); 2].map(|()| vec![7; (length - offset) as usize]);
            held.read(offset, &mut read[0]).expect("memory");
            plain.read(offset, &mut read[1]).expect("memory");
            assert_eq!(read[0], read[1], "from {offset} on");
        }
    }

    fn content(storage: &impl StorageBackend) -> Vec<u8> {
        let mut content = vec![0; storage.len().expect("memory") as usize];
        storage.read(0, &mut content).expect("memory");
        content
    }

    #[test]
    fn l7_a_held_storage_reads_as_if_it_had_the_writes_and_has_them_at_the_release() {
        for seed in 0..200 {
            let random = &mut fastrand::Rng::with_seed(seed);
            let [inner, plain] = [(); 2].map(|()| InMemoryBackend::new());
            for storage in [&inner, &plain] {
                storage.set_len(40).expect("memory");
                storage.write(0, &[9; 40]).expect("memory");
            }
            let held = HeldStorage::new(inner);
            compared([&held, &plain], random);
            assert_eq!(content(&held.0.storage), [9; 40], "seed {seed}");
            held.release().expect("memory");
            assert_eq!(content(&held.0.storage), content(&plain), "seed {seed}");
            compared([&held, &plain], random);
            assert_eq!(content(&held.0.storage), content(&plain), "seed {seed}");
        }
    }

    #[test]
    fn l7_the_writes_still_wait_after_a_release_that_failed() {
        let held = HeldStorage::new(InMemoryBackend::new());
        held.add(|| HeldWrite::Data(0, vec![1]), |_| unreachable!("it waits")).expect("it waits");
        held.release().expect_err("the storage has no byte");
        held.set_len(1).expect("it waits");
        assert_eq!(held.0.storage.len().expect("memory"), 0);
    }
    #[test]
    fn l7_a_held_storage_has_the_locks_of_the_storage_behind_it() {
        let file = tempfile::NamedTempFile::new().expect("a file can be made");
        let [one, two] = [(); 2].map(|()| {
            let file = std::fs::File::options().read(true).write(true).open(file.path());
            let storage = FileBackend::new(file.expect("the file is there"));
            HeldStorage::new(storage.expect("the file can be locked"))
        });
        let part = |from: u64| (Bound::Included(from), Bound::Excluded(from + 10));
        let ((start, end), (next, last)) = (part(10), part(30));
        let is_locked = || two.query_lock_range(start, end).expect("it can be queried");

        assert!(!is_locked() && one.try_lock_range(start, end).expect("it can be locked"));
        assert!(is_locked() && !two.try_lock_range(start, end).expect("it can be locked"));
        one.unlock_range(start, end).expect("it is locked");
        assert!(!is_locked(), "it is free again");

        assert!(one.try_lock_shared_range(start, end).expect("it can be locked"));
        assert!(is_locked() && !two.try_lock_range(start, end).expect("it can be locked"));
        assert!(two.try_lock_shared_range(start, end).expect("both may have it"));
        two.unlock_range(start, end).expect("it is locked");
        two.lock_shared_range(start, end).expect("both may have it");
        one.unlock_range(start, end).expect("it is locked");
        assert!(!one.try_lock_range(start, end).expect("it can be locked"), "the other has it");

        one.lock_range(next, last).expect("it is free");
        assert!(!two.try_lock_shared_range(next, last).expect("it can be locked"));
        one.close().expect("it can be closed");
        assert!(two.try_lock_shared_range(next, last).expect("it can be locked"));
    }
}
