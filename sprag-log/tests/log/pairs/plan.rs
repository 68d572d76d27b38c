//! Which of the users' code of this thread fails, and how.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::resume_unwind;

/// A place where users' code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Site {
    Clone,
    Eq,
    Drop,
    Serialize,
    Deserialize,
    /// A closure that writes and has no error.
    Closure,
    /// A closure that writes and may refuse.
    Refusal,
    Selector,
    Callback,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Panic,
    /// A panic whose payload panics when it is dropped.
    Bomb,
    Error,
}

impl Site {
    fn faults(self) -> &'static [Fault] {
        match self {
            Self::Serialize | Self::Deserialize | Self::Refusal => {
                &[Fault::Panic, Fault::Bomb, Fault::Error]
            }
            _ => &[Fault::Panic, Fault::Bomb],
        }
    }
}

impl Site {
    /// Whether a process applies no entry without the code of the site.
    pub(super) fn is_needed_to_follow(self) -> bool {
        matches!(self, Self::Clone | Self::Deserialize)
    }
}

/// `fault` at the `nth` run of the code of `site`, from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Armed {
    pub(super) site: Site,
    nth: usize,
    fault: Fault,
}

impl Armed {
    pub(super) fn moment(self) -> (Site, usize) {
        (self.site, self.nth)
    }
}

/// How often the code of each site ran.
pub(super) type Runs = BTreeMap<Site, usize>;

/// Each fault that code which runs so often can have: at its first runs, and at the last.
pub(super) fn each(runs: &Runs) -> Vec<Armed> {
    let moments = |runs: usize| (0..runs.min(8)).chain((runs > 8).then(|| runs - 1));
    let at = |(site, runs): (&Site, &usize)| {
        let site = *site;
        let fault =
            move |nth| site.faults().iter().map(move |fault| Armed { site, nth, fault: *fault });
        moments(*runs).flat_map(fault)
    };
    runs.iter().flat_map(at).collect()
}

thread_local! {
    static PLAN: RefCell<Option<(Vec<Armed>, Runs)>> = const { RefCell::new(None) };
}

/// From now on the users' code of this thread fails as `armed` says.
pub(super) fn arm(armed: Vec<Armed>) {
    PLAN.set(Some((armed, Runs::new())));
}

/// From now on nothing fails; returns how often the code of each site ran.
pub(super) fn disarm() -> Runs {
    PLAN.take().map(|(_, runs)| runs).unwrap_or_default()
}

/// An error of the users' code.
#[derive(Debug)]
pub(super) struct Refused;

/// The users' code of `site` runs.
pub(super) fn reach(site: Site) -> Result<(), Refused> {
    // A panic while another one unwinds would end the process, whichever code panics.
    if std::thread::panicking() {
        return Ok(());
    }
    match PLAN.try_with(|plan| next(plan.borrow_mut().as_mut()?, site)).ok().flatten() {
        None => Ok(()),
        Some(Fault::Panic) => resume_unwind(Box::new("a fault")),
        Some(Fault::Bomb) => resume_unwind(Box::new(Bomb)),
        Some(Fault::Error) => Err(Refused),
    }
}

fn next((armed, runs): &mut (Vec<Armed>, Runs), site: Site) -> Option<Fault> {
    let runs = runs.entry(site).or_default();
    let nth = std::mem::replace(runs, *runs + 1);
    let found = armed.iter().position(|armed| armed.moment() == (site, nth))?;
    Some(armed.remove(found).fault)
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            resume_unwind(Box::new("a payload"));
        }
    }
}
