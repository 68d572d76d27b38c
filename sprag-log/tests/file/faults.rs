//! A storage in memory that loses data which was not synced, and whose power fails in the middle
//! of a write.

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
    /// How many writes, changes of the length and syncs there were.
    operations: usize,
    room: Room,
    power: Power,
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

/// Whether a disk has power.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Power {
    #[default]
    On,
    /// So many more operations succeed, and the power fails in the next one.
    Operations(usize),
    /// All fails, and nothing changes.
    Off,
}

#[derive(Debug)]
enum Unsynced {
    Length(usize),
    Sector(usize, Vec<u8>),
}

impl Unsynced {
    /// Makes the write on `content`. A sector behind the end is lost.
    fn make(&self, content: &mut Vec<u8>) {
        match self {
            Self::Length(length) => content.resize(*length, 0),
            Self::Sector(offset, data) => {
                if let Some(sector) = content.get_mut(*offset..offset + data.len()) {
                    sector.copy_from_slice(data);
                }
            }
        }
    }
}

impl Medium {
    /// The content of the disk after a crash: all synced data, and some sectors of the
    /// rest.
    pub(crate) fn crash(&self, random: &mut fastrand::Rng) -> Self {
        let surface = self.lock();
        let mut synced = surface.synced.clone();
        let kept = surface.unsynced.iter().filter(|_| random.bool());
        kept.for_each(|write| write.make(&mut synced));
        let seen = synced.clone();
        Self(Arc::new(Mutex::new(Surface { synced, seen, ..Surface::default() })))
    }

    /// Lets the power fail in the middle of the operation after the next `operations`: in that
    /// write, change of the length or sync. From then on everything fails, and what a
    /// [`crash`](Self::crash) leaves depends on its random numbers alone.
    pub(crate) fn fail_after(&self, operations: usize) {
        self.lock().power = Power::Operations(operations);
    }

    /// Whether the power has failed.
    pub(crate) fn is_off(&self) -> bool {
        self.lock().power == Power::Off
    }

    /// In bytes.
    pub(crate) fn length(&self) -> usize {
        self.lock().seen.len()
    }

    /// The content on the disk.
    pub(crate) fn content(&self) -> Vec<u8> {
        self.lock().synced.clone()
    }

    /// How many sectors and lengths were written since the last sync.
    pub(crate) fn unsynced(&self) -> usize {
        self.lock().unsynced.len()
    }

    /// How many writes, changes of the length and syncs there were.
    pub(crate) fn operations(&self) -> usize {
        self.lock().operations
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

impl Power {
    /// Fails if there is none.
    fn check(self) -> io::Result<()> {
        match self {
            Self::Off => Err(io::Error::other("the power is off")),
            Self::On | Self::Operations(_) => Ok(()),
        }
    }

    /// Takes the power of one operation, which may be the one in which the power fails.
    fn take(&mut self) -> io::Result<()> {
        match self {
            Self::Operations(0) => *self = Self::Off,
            Self::Operations(left) => *left -= 1,
            Self::On | Self::Off => {}
        }
        self.check()
    }
}

impl Surface {
    /// Ends an operation, whose effect is one of the unsynced ones if the power fails in it.
    fn end_operation(&mut self) -> io::Result<()> {
        self.operations += 1;
        self.power.take()
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> Result<u64, io::Error> {
        let surface = self.lock();
        surface.power.check()?;
        Ok(surface.seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        let (surface, offset) = (self.lock(), offset as usize);
        surface.power.check()?;
        let beyond = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let stored = surface.seen.get(offset..offset + out.len()).ok_or_else(beyond)?;
        out.copy_from_slice(stored);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), io::Error> {
        let (mut surface, length) = (self.lock(), length as usize);
        surface.power.check()?;
        surface.room.take()?;
        surface.seen.resize(length, 0);
        surface.unsynced.push(Unsynced::Length(length));
        surface.end_operation()
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        let surface = &mut *self.lock();
        surface.power.check()?;
        surface.end_operation()?;
        surface.unsynced.drain(..).for_each(|write| write.make(&mut surface.synced));
        surface.syncs += 1;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let (mut surface, offset) = (self.lock(), offset as usize);
        surface.power.check()?;
        surface.room.take()?;
        surface.seen[offset..offset + data.len()].copy_from_slice(data);
        surface.written += data.len();
        for (index, sector) in data.chunks(SECTOR).enumerate() {
            let write = Unsynced::Sector(offset + index * SECTOR, sector.to_vec());
            surface.unsynced.push(write);
        }
        surface.end_operation()
    }
}
