//! Faults of users' code: which code fails, at which of its runs, and how. A test says what its
//! places are, and keeps the plan of each thread.

use std::collections::BTreeMap;
use std::env;
use std::mem::replace;
use std::panic::resume_unwind;
use std::thread::panicking;

/// The way in which users' code fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A panic.
    Panic,
    /// A panic whose payload panics when it is dropped.
    Bomb,
    /// An error.
    Error,
    /// The code returns after others have been served.
    Hang,
}

impl Fault {
    /// Panics, if this is the fault; [`Fault::Error`] and [`Fault::Hang`] are the caller's.
    ///
    /// # Panics
    ///
    /// Without the hook of panics.
    pub fn panic(self) {
        match self {
            Self::Panic => resume_unwind(Box::new("a fault")),
            Self::Bomb => resume_unwind(Box::new(PanicsOnDrop)),
            Self::Error | Self::Hang => {}
        }
    }
}

/// `fault` at the `nth` run of the code of `site`, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed<S> {
    /// The place of the code.
    pub site: S,
    /// The number of the run.
    pub nth: usize,
    /// The way in which that run fails.
    pub fault: Fault,
}

impl<S> Armed<S> {
    /// The run at which the code fails.
    pub fn moment(self) -> (S, usize) {
        (self.site, self.nth)
    }
}

/// How often the code of each site ran.
pub type Runs<S> = BTreeMap<S, usize>;

/// The faults of a trial, of which each happens once.
#[derive(Debug)]
pub struct Plan<S> {
    armed: Vec<Armed<S>>,
    runs: Runs<S>,
}

impl<S: Copy + Ord> Plan<S> {
    /// A plan of these faults.
    pub fn new(armed: Vec<Armed<S>>) -> Self {
        Self { armed, runs: Runs::new() }
    }

    /// Counts a run of the code of `site`, and returns its fault. Nothing fails while a panic
    /// unwinds: a second one would end the process, whichever code panics.
    pub fn next(&mut self, site: S) -> Option<Fault> {
        if panicking() {
            return None;
        }
        let runs = self.runs.entry(site).or_default();
        let nth = replace(runs, *runs + 1);
        let armed = self.armed.iter().position(|it| it.site == site && it.nth == nth)?;
        Some(self.armed.remove(armed).fault)
    }

    /// How often the code of each site ran.
    pub fn into_runs(self) -> Runs<S> {
        self.runs
    }
}

/// Each of the `faults` that code can have which runs so often: at its `first` runs, and at the
/// last.
pub fn each<S: Copy>(
    runs: &Runs<S>,
    first: usize,
    faults: impl Fn(S) -> &'static [Fault],
) -> Vec<Armed<S>> {
    let moments = |runs: usize| (0..runs.min(first)).chain((runs > first).then(|| runs - 1));
    let at = |(site, runs): (&S, &usize)| {
        let (site, faults) = (*site, faults(*site));
        let fault = move |nth| faults.iter().map(move |fault| Armed { site, nth, fault: *fault });
        moments(*runs).flat_map(fault)
    };
    runs.iter().flat_map(at).collect()
}

/// Each two of these faults that do not happen at the same run, in both orders.
pub fn pairs<S: Copy + Ord>(faults: &[Armed<S>]) -> impl Iterator<Item = Vec<Armed<S>>> {
    let with = move |first: &Armed<S>| {
        let first = *first;
        faults.iter().map(move |second| vec![first, *second])
    };
    faults.iter().flat_map(with).filter(|pair| pair[0].moment() != pair[1].moment())
}

/// One in `stride` of `all`, another part for each `offset`. `SPRAG_FAULTS` in the environment
/// replaces the stride: 1 for all.
///
/// # Panics
///
/// Where the variable is not a number.
pub fn part<V>(
    all: impl IntoIterator<Item = V>,
    offset: usize,
    stride: usize,
) -> impl Iterator<Item = V> {
    let wanted = env::var("SPRAG_FAULTS").ok();
    let stride = wanted.map_or(stride, |stride| stride.parse().expect("a number"));
    all.into_iter().skip(offset % stride).step_by(stride)
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        if !panicking() {
            resume_unwind(Box::new("a payload"));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    fn armed(site: char, nth: usize, fault: Fault) -> Armed<char> {
        Armed { site, nth, fault }
    }

    #[test]
    fn a_fault_happens_at_its_run_and_once() {
        let mut plan = Plan::new(vec![armed('a', 1, Fault::Error), armed('b', 0, Fault::Hang)]);

        let faults = ['a', 'a', 'a', 'b'].map(|site| plan.next(site));

        assert_eq!(faults, [None, Some(Fault::Error), None, Some(Fault::Hang)]);
        assert_eq!(plan.into_runs(), Runs::from([('a', 3), ('b', 1)]));
    }

    #[test]
    fn the_first_runs_and_the_last_can_fail() {
        let faults = each(&Runs::from([('a', 5)]), 2, |_| &[Fault::Panic]);

        assert_eq!(faults.iter().map(|armed| armed.nth).collect::<Vec<_>>(), [0, 1, 4]);
        assert_eq!(pairs(&faults).count(), 6);
    }

    #[test]
    fn a_bomb_panics_once_more_when_it_is_dropped() {
        let payload = catch_unwind(|| Fault::Bomb.panic()).unwrap_err();

        catch_unwind(AssertUnwindSafe(|| drop(payload))).unwrap_err();
    }
}
