//! The cells that this thread is inside, so that a deadlock becomes a panic.
//!
//! Users' code under a cell's lock (the closure of `update`, `Clone`, `PartialEq`) may
//! use other cells. Using its own cell would wait for itself; two threads that use each
//! other's cells would wait forever. Both are checked only if a lock is not free, so an
//! uncontended write pays two stores.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use crate::isolate::discard;
use crate::sync::{StaticMutex, thread_local};

/// Work for the moment at which this thread is inside no cell; see [`run_outside`].
pub(super) type Deferred = Box<dyn FnOnce()>;

thread_local! {
    /// The cell that this thread entered first, with [`READS`] if it only reads; 0 outside of
    /// any. The number needs no destructor, so that a read is a load.
    static OUTERMOST: Cell<u64> = const { Cell::new(0) };
    /// The cells that were entered inside of that one.
    static INNER: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
    static DEFERRED: RefCell<Vec<Deferred>> = const { RefCell::new(Vec::new()) };
    /// Whether `DEFERRED` has any. The flag needs no destructor, so that a read is a load.
    static IS_DEFERRED: Cell<bool> = const { Cell::new(false) };
}

/// Marks the number of a cell that a thread is inside to read.
const READS: u64 = 1 << 63;

/// Notes that this thread is inside a cell, while it lives.
pub(super) struct EnteredCell {
    /// Whether the thread was inside no cell before.
    outermost: bool,
}

// While a thread's locals are destroyed the lists are gone: then inner cells are not noted,
// and deferred work runs at once.
impl EnteredCell {
    /// Enters the cell `id`, which is not 0, to read.
    #[inline]
    pub(super) fn enter_reading(id: u64) -> Self {
        Self::enter(id | READS)
    }

    /// Enters the cell `id`, which is not 0, and keeps all others out.
    #[inline]
    pub(super) fn enter(id: u64) -> Self {
        let outermost = OUTERMOST.with(Cell::get) == 0;
        if outermost {
            OUTERMOST.with(|cell| cell.set(id));
        } else {
            enter_inner(id);
        }
        Self { outermost }
    }

    /// Whether this thread is inside no other cell.
    #[inline]
    pub(super) fn is_outermost(&self) -> bool {
        self.outermost
    }
}

/// Whether this thread is inside any cell: in the closure of an `update` or a
/// `transaction`, or in a `Clone`, `PartialEq`, `Hash` or `Ord` under a cell's lock.
pub(crate) fn is_inside_any() -> bool {
    OUTERMOST.with(Cell::get) != 0
}

#[cold]
fn enter_inner(id: u64) {
    let _ = INNER.try_with(|cells| cells.borrow_mut().push(id));
}

#[cold]
fn leave_inner() {
    let _ = INNER.try_with(|cells| cells.borrow_mut().pop());
}

/// Runs `work` as soon as this thread is inside no cell: subscribers of one cell must not
/// run under the lock of another.
pub(super) fn run_outside(work: Deferred) {
    let mut work = Some(work);
    IS_DEFERRED.with(|some| some.set(true));
    let _ = DEFERRED.try_with(|deferred| deferred.borrow_mut().extend(work.take()));
    if let Some(work) = work {
        work();
    }
}

impl Drop for EnteredCell {
    #[inline]
    fn drop(&mut self) {
        if !self.outermost {
            return leave_inner();
        }
        OUTERMOST.with(|cell| cell.set(0));
        if IS_DEFERRED.with(Cell::get) {
            run_deferred();
        }
    }
}

/// Runs all of the deferred work. The first panic is resumed after the last piece, since
/// each of the others may hold the role of a cell's drainer.
#[cold]
fn run_deferred() {
    IS_DEFERRED.with(|some| some.set(false));
    let mut first = None;
    for work in DEFERRED.try_with(RefCell::take).unwrap_or_default() {
        match catch_unwind(AssertUnwindSafe(work)) {
            Err(panic) if first.is_none() => first = Some(panic),
            Err(panic) => discard(panic),
            Ok(()) => {}
        }
    }
    match first {
        Some(panic) if std::thread::panicking() => discard(panic),
        Some(panic) => resume_unwind(panic),
        None => {}
    }
}

/// How a thread uses the lock of a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CellAccess {
    Read,
    Write,
}

/// A cell that a thread is inside, or waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
struct CellUse {
    id: u64,
    access: CellAccess,
}

impl CellUse {
    /// Whether one of the two waits for the end of the other. Readers do not.
    fn excludes(self, other: Self) -> bool {
        self.id == other.id && (self.access, other.access) != (CellAccess::Read, CellAccess::Read)
    }
}

/// A thread that waits for a cell while it is inside others.
struct Wait {
    ticket: u64,
    holds: Vec<CellUse>,
    wants: CellUse,
    name: Arc<str>,
}

/// The waiting threads. A thread that is inside no cell can close no cycle and is
/// not listed.
static WAITS: StaticMutex<(u64, Vec<Wait>)> = StaticMutex::new((0, Vec::new()));

/// Removes the thread's entry from `WAITS` once it has the lock.
pub(super) struct Waiting(Option<u64>);

impl Waiting {
    /// Whether the thread is inside other cells.
    pub(super) fn is_nested(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(ticket) = self.0 {
            WAITS.lock().1.retain(|wait| wait.ticket != ticket);
        }
    }
}

/// Called before waiting for the lock of the cell `id`.
///
/// # Panics
///
/// When this thread is inside that cell already, or when the wait would close a
/// cycle with other threads.
#[cold]
pub(super) fn before_blocking(id: u64, name: &Arc<str>, access: CellAccess) -> Waiting {
    let (holds, wants) = (held(), CellUse { id, access });
    assert!(
        holds.iter().all(|held| held.id != id),
        "`{name}` was accessed inside its own `update`, `transaction`, `Clone` or \
         `PartialEq`; use the draft that the closure receives, or access the state afterwards",
    );
    if holds.is_empty() {
        return Waiting(None);
    }
    let mut waits = WAITS.lock();
    if let Some(others) = cycle(&waits.1, &holds, wants) {
        drop(waits);
        panic!(
            "`{name}` was accessed inside an `update` of another cell, while another thread does \
             the reverse and waits for {others}; access the cells one after the other",
        );
    }
    waits.0 += 1;
    let ticket = waits.0;
    waits.1.push(Wait { ticket, holds, wants, name: Arc::clone(name) });
    Waiting(Some(ticket))
}

/// The cells that this thread is inside.
fn held() -> Vec<CellUse> {
    let outermost = Some(OUTERMOST.with(Cell::get)).filter(|id| *id != 0);
    let inner = INNER.try_with(|cells| cells.borrow().clone()).unwrap_or_default();
    let held = |id| match id & READS {
        0 => CellUse { id, access: CellAccess::Write },
        _ => CellUse { id: id & !READS, access: CellAccess::Read },
    };
    outermost.into_iter().chain(inner).map(held).collect()
}

/// The names on the way from a holder that `wants` waits for to a cell in `holds`.
///
/// A cell has many holders where they read, so every way is tried. A thread that reads may be
/// listed although it has been let in: it waits for no thread, since no other reader keeps it out.
fn cycle(waits: &[Wait], holds: &[CellUse], wants: CellUse) -> Option<String> {
    let keeps_out = |holds: &[CellUse], wanted: CellUse| holds.iter().any(|h| h.excludes(wanted));
    let mut seen = vec![wants];
    let mut ways = vec![(wants, String::new())];
    while let Some((wanted, way)) = ways.pop() {
        for wait in waits.iter().filter(|wait| keeps_out(&wait.holds, wanted)) {
            let then = if way.is_empty() { "" } else { ", then " };
            let way = format!("{way}{then}`{}`", wait.name);
            if keeps_out(holds, wait.wants) {
                return Some(way);
            }
            if !seen.contains(&wait.wants) {
                seen.push(wait.wants);
                ways.push((wait.wants, way));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(id: u64) -> CellUse {
        CellUse { id, access: CellAccess::Write }
    }

    fn reads(id: u64) -> CellUse {
        CellUse { id, access: CellAccess::Read }
    }

    fn wait(holds: CellUse, wants: CellUse) -> Wait {
        Wait { ticket: 0, holds: vec![holds], wants, name: Arc::from(wants.id.to_string()) }
    }

    #[test]
    fn i2_a_cycle_is_found_behind_any_of_a_cells_readers() {
        // Two threads read 1; the first waits for a thread that does not wait.
        let waits = [wait(reads(1), writes(9)), wait(reads(1), writes(3))];

        assert_eq!(cycle(&waits, &[writes(3)], writes(1)).as_deref(), Some("`3`"));
        assert_eq!(cycle(&waits, &[writes(4)], writes(1)), None);
    }

    #[test]
    fn i2_a_cycle_among_others_does_not_keep_the_search() {
        let waits = [
            wait(writes(1), writes(2)),
            wait(writes(2), writes(1)),
            wait(writes(2), writes(5)),
            wait(writes(5), writes(6)),
        ];

        assert_eq!(cycle(&waits, &[writes(7)], writes(1)), None);
        let way = cycle(&waits, &[writes(6)], writes(1));
        assert_eq!(way.as_deref(), Some("`2`, then `5`, then `6`"));
    }

    #[test]
    fn i2_readers_of_one_cell_close_no_cycle() {
        let waits = [wait(writes(1), reads(2)), wait(reads(3), writes(4))];

        assert_eq!(cycle(&waits, &[reads(2)], writes(1)), None);
        assert_eq!(cycle(&waits, &[writes(2)], reads(1)).as_deref(), Some("`2`"));
        assert_eq!(cycle(&waits, &[writes(4)], reads(3)), None);
        assert_eq!(cycle(&waits, &[reads(4)], writes(3)).as_deref(), Some("`4`"));
    }

    #[test]
    fn i2_a_cell_that_a_thread_has_left_is_not_held() {
        let name = Arc::from("tv");
        {
            let _outer = EnteredCell::enter(1);
            let inner = EnteredCell::enter_reading(2);
            assert!(held() == [writes(1), reads(2)]);
            drop(inner);
            let waiting = before_blocking(2, &name, CellAccess::Write);
            assert!(waiting.is_nested() && held() == [writes(1)]);
            let other = before_blocking(3, &name, CellAccess::Write);
            drop(waiting);
            let is_listed = |wait: &Wait| Some(wait.ticket) == other.0;
            assert!(WAITS.lock().1.iter().any(is_listed), "each wait ends by itself");
        }
        assert!(held().is_empty());
        assert!(!before_blocking(1, &name, CellAccess::Write).is_nested());
    }

    #[test]
    fn i4_all_work_that_waits_runs_outside_and_the_first_panic_is_resumed() {
        let (sender, ran) = std::sync::mpsc::channel();
        let entered = EnteredCell::enter(1);
        for panic in ["first", "second"] {
            run_outside(Box::new(move || std::panic::panic_any(panic)));
        }
        run_outside(Box::new(move || sender.send(is_inside_any()).unwrap()));
        assert!(ran.try_recv().is_err());

        let panic = catch_unwind(AssertUnwindSafe(|| drop(entered))).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"first"));
        assert_eq!(ran.try_recv(), Ok(false));
    }

    #[test]
    fn i5_a_panic_of_work_that_waits_does_not_replace_the_one_that_unwinds() {
        let panic = catch_unwind(|| {
            let _entered = EnteredCell::enter(1);
            run_outside(Box::new(|| std::panic::panic_any("later")));
            std::panic::panic_any("first");
        });
        assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"first"));
        assert!(!is_inside_any());
    }
}
