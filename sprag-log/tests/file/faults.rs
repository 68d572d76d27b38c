//! A storage in memory that loses data which was not synced.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

/// The unit in which a disk writes.
const SECTOR: usize = 512;

/// A disk, which survives a crash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Medium(Arc<Mutex<Surface>>);

#[derive(Debug, Default)]
struct Surface {
    synced: Vec<u8>,
    /// The content as the process reads it.
    seen: Vec<u8>,
    /// The writes since the last sync, in order.
    unsynced: Vec<Unsynced>,
    syncs: usize,
    /// In bytes.
    written: usize,
    room: Room,
}

/// Whether a disk has room for what is written.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Room {
    #[default]
    Enough,
    /// Each write fails.
    Full,
    /// So many more writes succeed.
    Writes(usize),
}

#[derive(Debug)]
enum Unsynced {
    Length(usize),
    Sector(usize, Vec<u8>),
}

impl Medium {
    /// The content of the disk after a crash: all synced data, and some sectors of the
    /// rest.
    pub(crate) fn crash(&self, random: &mut fastrand::Rng) -> Self {
        let surface = self.lock();
        let mut synced = surface.synced.clone();
        for write in &surface.unsynced {
            match write {
                Unsynced::Length(length) if random.bool() => synced.resize(*length, 0),
                Unsynced::Sector(offset, data) if random.bool() => {
                    let end = offset + data.len();
                    if synced.len() >= end {
                        synced[*offset..end].copy_from_slice(data);
                    }
                }
                _ => {}
            }
        }
        let seen = synced.clone();
        Self(Arc::new(Mutex::new(Surface { synced, seen, ..Surface::default() })))
    }

    /// How often the storage was synced.
    pub(crate) fn syncs(&self) -> usize {
        self.lock().syncs
    }

    /// Fills the disk, or makes room.
    pub(crate) fn fill(&self, room: Room) {
        self.lock().room = room;
    }

    /// How many bytes were written.
    pub(crate) fn written(&self) -> usize {
        self.lock().written
    }

    fn lock(&self) -> MutexGuard<'_, Surface> {
        self.0.lock().expect("no test panics here")
    }
}

impl Room {
    /// Takes the room of one write.
    fn take(&mut self) -> io::Result<()> {
        match self {
            Self::Enough => Ok(()),
            Self::Writes(left @ 1..) => {
                *left -= 1;
                Ok(())
            }
            Self::Full | Self::Writes(0) => Err(io::ErrorKind::StorageFull.into()),
        }
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.lock().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let (surface, offset) = (self.lock(), offset as usize);
        let beyond = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let stored = surface.seen.get(offset..offset + out.len()).ok_or_else(beyond)?;
        out.copy_from_slice(stored);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        let (mut surface, length) = (self.lock(), length as usize);
        surface.room.take()?;
        surface.seen.resize(length, 0);
        surface.unsynced.push(Unsynced::Length(length));
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let mut surface = self.lock();
        surface.synced = surface.seen.clone();
        surface.unsynced.clear();
        surface.syncs += 1;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let (mut surface, offset) = (self.lock(), offset as usize);
        surface.room.take()?;
        surface.seen[offset..offset + data.len()].copy_from_slice(data);
        surface.written += data.len();
        for (index, sector) in data.chunks(SECTOR).enumerate() {
            let write = Unsynced::Sector(offset + index * SECTOR, sector.to_vec());
            surface.unsynced.push(write);
        }
        Ok(())
    }
}
