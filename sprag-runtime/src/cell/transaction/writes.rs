//! [`JournalWrites`]: the writes of a transaction in order, those of one type behind each other.
//!
//! A box for each write would cost more than most writes: a transaction has many writes of
//! few types.

use std::any::Any;

use smallvec::SmallVec;

use crate::cell::write::CellWrite;

/// Writes of different types, in the order in which they were made.
pub(super) struct JournalWrites<T: 'static> {
    types: SmallVec<[Box<dyn AnyWriteList<T>>; 2]>,
    runs: SmallVec<[WriteRun; 4]>,
    /// The list of the last run.
    latest: usize,
    count: usize,
}

/// Consecutive writes of one type.
#[derive(Clone, Copy)]
struct WriteRun {
    /// The position of the first one in the transaction.
    start: usize,
    of_type: usize,
    /// The position of the first one among those of the type.
    at: usize,
}

/// In how many lists, from the latest, the list of a type is searched.
const SEARCHED: usize = 8;

/// Writes of one type.
trait AnyWriteList<T>: Any {
    fn get(&self, at: usize) -> &dyn CellWrite<T>;
    fn swap(&mut self, at: usize, state: &mut T);
    /// Removes and returns the last write.
    fn pop(&mut self) -> Option<Box<dyn Any>>;
}

/// The first write needs no allocation beside that of the list.
struct WriteList<W> {
    first: Option<W>,
    rest: Vec<W>,
}

impl<W> WriteList<W> {
    /// For how many bytes of writes there is room from the second one on.
    const ROOM: usize = 1024;

    fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    #[inline]
    fn push(&mut self, write: W) {
        if self.rest.capacity() == 0 {
            self.rest.reserve((Self::ROOM / size_of::<W>().max(1)).clamp(1, 16));
        }
        self.rest.push(write);
    }
}

impl<T: 'static, W: CellWrite<T> + 'static> AnyWriteList<T> for WriteList<W> {
    fn get(&self, at: usize) -> &dyn CellWrite<T> {
        match (at, &self.first) {
            (0, Some(first)) => first,
            _ => &self.rest[at - 1],
        }
    }

    fn swap(&mut self, at: usize, state: &mut T) {
        match (at, &mut self.first) {
            (0, Some(first)) => first.swap(state),
            _ => self.rest[at - 1].swap(state),
        }
    }

    fn pop(&mut self) -> Option<Box<dyn Any>> {
        let last = self.rest.pop().or_else(|| self.first.take());
        last.map(|write| Box::new(write) as Box<dyn Any>)
    }
}

impl<T> Default for JournalWrites<T> {
    fn default() -> Self {
        Self { types: SmallVec::new(), runs: SmallVec::new(), latest: 0, count: 0 }
    }
}

impl<T: 'static> JournalWrites<T> {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// The list in which the write at `position` is, and where in it.
    fn find(&self, position: usize) -> (usize, usize) {
        let later = self.runs.partition_point(|run| run.start <= position);
        let WriteRun { start, of_type, at } = self.runs[later - 1];
        (of_type, at + position - start)
    }

    pub(super) fn get(&self, position: usize) -> &dyn CellWrite<T> {
        let (of_type, at) = self.find(position);
        self.types[of_type].get(at)
    }

    /// Makes or reverts the write at `position`.
    pub(super) fn swap(&mut self, position: usize, state: &mut T) {
        let (of_type, at) = self.find(position);
        self.types[of_type].swap(at, state);
    }

    #[inline]
    pub(super) fn push<W: CellWrite<T> + 'static>(&mut self, write: W) {
        match self.list::<W>(self.latest) {
            Some(list) if list.first.is_some() => list.push(write),
            _ => self.begin_run(write),
        }
        self.count += 1;
    }

    /// Removes and returns the last write.
    pub(super) fn pop(&mut self) -> Option<Box<dyn Any>> {
        let WriteRun { start, of_type, .. } = *self.runs.last()?;
        self.count -= 1;
        if start == self.count {
            self.runs.pop();
            self.latest = self.runs.last().map_or(0, |run| run.of_type);
        }
        self.types[of_type].pop()
    }

    #[inline]
    fn list<W: CellWrite<T> + 'static>(&mut self, of_type: usize) -> Option<&mut WriteList<W>> {
        let list: &mut dyn Any = &mut **self.types.get_mut(of_type)?;
        list.downcast_mut()
    }

    #[cold]
    fn begin_run<W: CellWrite<T> + 'static>(&mut self, write: W) {
        let lists = 0..self.types.len();
        let mut searched = lists.rev().take(SEARCHED);
        let found = searched.find(|of_type| self.list::<W>(*of_type).is_some());
        let (of_type, at) = match found.and_then(|of_type| Some((of_type, self.list(of_type)?))) {
            Some((of_type, list)) if list.first.is_some() => {
                list.push(write);
                (of_type, list.len() - 1)
            }
            _ => {
                self.types.push(Box::new(WriteList { first: Some(write), rest: Vec::new() }));
                (self.types.len() - 1, 0)
            }
        };
        self.latest = of_type;
        self.runs.push(WriteRun { start: self.count, of_type, at });
    }
}
