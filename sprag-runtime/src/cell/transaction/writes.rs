//! [`JournalWrites`]: the writes of a transaction in order, those of one type behind each other.
//!
//! A box for each write would cost more than most writes: a transaction has many writes of
//! few types. The lists stay for the next transaction of the thread, which has often the
//! same types.

use std::any::Any;

use crate::cell::write::CellWrite;

/// Writes of different types, in the order in which they were made.
pub(super) struct JournalWrites<T: 'static> {
    lists: Vec<Box<dyn AnyWriteList<T>>>,
    runs: Vec<WriteRun>,
    /// The list of the last run; no list if there is none.
    latest: usize,
    count: usize,
    /// The list of the first write of the transaction before, or no list.
    first: usize,
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

/// How many lists stay for the next transaction.
const KEPT: usize = 4;

/// For how many bytes of writes a list keeps its room, and has room from its first write on.
const KEPT_BYTES: usize = 16 * 1024;
const FIRST_BYTES: usize = 256;

/// Writes of one type.
trait AnyWriteList<T>: Any {
    fn get(&self, at: usize) -> &dyn CellWrite<T>;
    fn swap(&mut self, at: usize, state: &mut T);
    /// Removes and returns the last write.
    fn pop(&mut self) -> Option<Box<dyn Any>>;
    /// Drops the writes.
    fn clear(&mut self);
}

/// The writes, with room from the first one on.
struct WriteList<W>(Vec<W>);

impl<T: 'static, W: CellWrite<T> + 'static> AnyWriteList<T> for WriteList<W> {
    fn get(&self, at: usize) -> &dyn CellWrite<T> {
        &self.0[at]
    }

    fn swap(&mut self, at: usize, state: &mut T) {
        self.0[at].swap(state);
    }

    fn pop(&mut self) -> Option<Box<dyn Any>> {
        self.0.pop().map(|write| Box::new(write) as Box<dyn Any>)
    }

    fn clear(&mut self) {
        empty(&mut self.0);
    }
}

/// Empties a list, which keeps its room for the next transaction unless the room is large.
#[inline]
pub(super) fn empty<V>(list: &mut Vec<V>) {
    // The glue for drops is a call, and most lists have nothing to drop.
    if !list.is_empty() {
        list.clear();
    }
    if list.capacity() > KEPT_BYTES / size_of::<V>().max(1) {
        *list = Vec::new();
    }
}

/// No list.
const NONE: usize = usize::MAX;

impl<T> Default for JournalWrites<T> {
    fn default() -> Self {
        Self { lists: Vec::new(), runs: Vec::new(), latest: NONE, count: 0, first: NONE }
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
        self.lists[of_type].get(at)
    }

    /// Makes or reverts the write at `position`.
    pub(super) fn swap(&mut self, position: usize, state: &mut T) {
        let (of_type, at) = self.find(position);
        self.lists[of_type].swap(at, state);
    }

    #[inline]
    pub(super) fn push<W: CellWrite<T> + 'static>(&mut self, write: W) {
        self.count += 1;
        match self.list(self.latest) {
            Some(list) => list.push(write),
            None => self.begin_run().push(write),
        }
    }

    #[inline]
    fn list<W: CellWrite<T> + 'static>(&mut self, of_type: usize) -> Option<&mut Vec<W>> {
        let list: &mut dyn Any = &mut **self.lists.get_mut(of_type)?;
        list.downcast_mut().map(|list: &mut WriteList<W>| &mut list.0)
    }

    /// The list for the next write, which has another type than the last one.
    #[inline(never)]
    fn begin_run<W: CellWrite<T> + 'static>(&mut self) -> &mut Vec<W> {
        // A thread often makes one transaction again and again.
        let next = if self.latest == NONE { self.first } else { self.latest.wrapping_add(1) };
        let of_type = if self.list::<W>(next).is_some() { next } else { self.search::<W>() };
        self.latest = of_type;
        let start = self.count - 1;
        let list: &mut dyn Any = &mut *self.lists[of_type];
        let list = list.downcast_mut::<WriteList<W>>().expect("the list has writes of this type");
        self.runs.push(WriteRun { start, of_type, at: list.0.len() });
        &mut list.0
    }

    /// The number of the list of a type, which is a new one if the latest have none.
    #[cold]
    fn search<W: CellWrite<T> + 'static>(&mut self) -> usize {
        let count = self.lists.len();
        for at in (count.saturating_sub(SEARCHED)..count).rev() {
            if self.list::<W>(at).is_some() {
                return at;
            }
        }
        let room = (FIRST_BYTES / size_of::<W>().max(1)).clamp(1, 16);
        self.lists.push(Box::new(WriteList::<W>(Vec::with_capacity(room))));
        count
    }

    /// Removes and returns the last write.
    pub(super) fn pop(&mut self) -> Option<Box<dyn Any>> {
        let WriteRun { start, of_type, .. } = *self.runs.last()?;
        self.count -= 1;
        if start == self.count {
            self.runs.pop();
            self.latest = self.runs.last().map_or(NONE, |run| run.of_type);
        }
        self.lists[of_type].pop()
    }

    /// Drops the writes, and keeps room for those of the next transaction.
    pub(super) fn clear(&mut self) {
        self.first = self.runs.first().map_or(NONE, |run| run.of_type);
        empty(&mut self.runs);
        (self.latest, self.count) = (NONE, 0);
        if self.lists.len() > KEPT {
            self.lists.truncate(KEPT);
        }
        self.lists.iter_mut().for_each(|list| list.clear());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::write::Diff;

    #[test]
    fn d9_a_small_list_keeps_its_room_and_a_large_one_gives_it_back() {
        let mut small = vec![0_u64; 16];
        let mut large = vec![0_u64; 100_000];
        empty(&mut small);
        empty(&mut large);
        assert_eq!((small.len(), small.capacity()), (0, 16));
        assert_eq!((large.len(), large.capacity()), (0, 0));
    }

    /// Exchanges its value with the state.
    struct Put<V>(V);

    impl<V: Copy + 'static> CellWrite<V> for Put<V> {
        fn diff(&self, _: &V, _: &mut dyn FnMut(Diff<'_>)) {}

        fn swap(&mut self, state: &mut V) {
            std::mem::swap(state, &mut self.0);
        }
    }

    /// Adds to the state, or takes away again.
    struct Add(i64);

    impl CellWrite<i64> for Add {
        fn diff(&self, _: &i64, _: &mut dyn FnMut(Diff<'_>)) {}

        fn swap(&mut self, state: &mut i64) {
            *state += self.0;
            self.0 = -self.0;
        }
    }

    #[test]
    fn d9_the_last_write_is_taken_out_and_the_others_stay_in_order() {
        let mut writes = JournalWrites::<i64>::default();
        for at in 0..8 {
            match at {
                0 | 1 | 5 => writes.push(Put(10 * at)),
                _ => writes.push(Add(at)),
            }
        }
        let (mut state, mut made) = (7, Vec::new());
        for at in 0..writes.len() {
            writes.swap(at, &mut state);
            made.push(state);
        }
        assert_eq!(made, [0, 10, 12, 15, 19, 50, 56, 63]);

        for at in (0..8).rev() {
            writes.swap(at, &mut state);
            let write = writes.pop().expect("it was pushed");
            assert_eq!(write.is::<Put<i64>>(), matches!(at, 0 | 1 | 5), "{at}");
            assert_eq!(writes.len(), at);
        }
        assert!(state == 7 && writes.pop().is_none());
    }
}
