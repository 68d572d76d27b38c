//! Faults of users' code: which code fails, at which of its runs, and how.
//!
//! The code of a test's users calls [`reach`] or [`run`] with its [`Site`], and holds [`Number`]s.
//! A test runs it once without faults, generates [`each`] fault from how often it ran, and
//! [arms](arm) the thread with them.

mod number;
mod plan;
mod site;

use std::collections::BTreeMap;
use std::env;
use std::panic::resume_unwind;
use std::thread::panicking;

pub use self::number::{Number, count_by};
pub use self::plan::{Gate, Refused, arm, disarm, reach, run};
pub use self::site::{Method, Site};

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
    /// Panics without the hook of panics, if this is the fault.
    fn panic(self) {
        match self {
            Self::Panic => resume_unwind(Box::new("a fault")),
            Self::Bomb => resume_unwind(Box::new(PanicsOnDrop)),
            Self::Error | Self::Hang => {}
        }
    }
}

/// `fault` at the `nth` run of the code of `site`, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// The place of the code.
    pub site: Site,
    /// The number of the run.
    pub nth: usize,
    /// The way in which that run fails.
    pub fault: Fault,
}

impl Armed {
    /// The run at which the code fails.
    pub fn moment(self) -> (Site, usize) {
        (self.site, self.nth)
    }
}

/// How often the code of each site ran.
pub type Runs = BTreeMap<Site, usize>;

/// Each fault of code that runs so often: at its `first` runs, and at the last.
pub fn each(runs: &Runs, first: usize) -> Vec<Armed> {
    let moments = |runs: usize| (0..runs.min(first)).chain((runs > first).then(|| runs - 1));
    let at = |(&site, &runs): (&Site, &usize)| {
        let faults = move |nth| site.faults().iter().map(move |&fault| Armed { site, nth, fault });
        moments(runs).flat_map(faults)
    };
    runs.iter().flat_map(at).collect()
}

/// Each two of these faults that do not happen at the same run, in both orders.
pub fn pairs(faults: &[Armed]) -> impl Iterator<Item = Vec<Armed>> {
    let with = move |&first: &Armed| faults.iter().map(move |&second| vec![first, second]);
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

    #[test]
    fn the_first_runs_and_the_last_can_fail() {
        let faults = each(&Runs::from([(Site::Callback, 5)]), 2);

        let moments: Vec<usize> = faults.iter().map(|armed| armed.nth).collect();
        assert_eq!(moments, [0, 0, 0, 1, 1, 1, 4, 4, 4]);
        assert_eq!(pairs(&faults).count(), 6 * 9);
    }

    #[test]
    fn a_bomb_panics_once_more_when_it_is_dropped() {
        let payload = catch_unwind(|| Fault::Bomb.panic()).unwrap_err();

        catch_unwind(AssertUnwindSafe(|| drop(payload))).unwrap_err();
    }
}
