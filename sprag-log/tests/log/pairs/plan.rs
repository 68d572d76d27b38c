//! Which of the users' code of this thread fails, and how.

use std::cell::RefCell;
use std::sync::mpsc::Receiver;

use test_support::faults::{self, Fault, Plan};
use tokio::sync::mpsc::UnboundedSender;

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

pub(super) type Armed = faults::Armed<Site>;

/// How often the code of each site ran.
pub(super) type Runs = faults::Runs<Site>;

impl Site {
    /// The faults that end without others.
    fn faults(self) -> &'static [Fault] {
        match self {
            Self::Serialize | Self::Deserialize | Self::Refusal => {
                &[Fault::Panic, Fault::Bomb, Fault::Error]
            }
            _ => &[Fault::Panic, Fault::Bomb],
        }
    }

    /// Whether a process applies no entry without the code of the site.
    pub(super) fn is_needed_to_follow(self) -> bool {
        matches!(self, Self::Clone | Self::Deserialize)
    }

    /// Whether a process that is behind continues from no snapshot without the code of the site.
    pub(super) fn is_needed_to_leap(self) -> bool {
        self.is_needed_to_follow() || matches!(self, Self::Serialize)
    }

    /// Whether no lock of the state is held, so that its readers are served while the code hangs.
    pub(super) fn is_outside_locks(self) -> bool {
        matches!(self, Self::Callback | Self::Closure | Self::Refusal | Self::Serialize)
    }
}

/// At how many of its first runs code fails.
const FIRST: usize = 8;

/// Each fault that ends without others, of code that runs so often.
pub(super) fn each(runs: &Runs) -> Vec<Armed> {
    faults::each(runs, FIRST, Site::faults)
}

/// A hang at each of these moments.
pub(super) fn hangs(runs: &Runs) -> Vec<Armed> {
    faults::each(runs, FIRST, |_| &[Fault::Hang])
}

/// The channels by which code that hangs says so, and waits for others.
#[derive(Debug)]
pub(super) struct Gate {
    pub(super) hung: UnboundedSender<Site>,
    pub(super) go: Receiver<()>,
}

thread_local! {
    static PLAN: RefCell<Option<(Plan<Site>, Option<Gate>)>> = const { RefCell::new(None) };
}

/// From now on the users' code of this thread fails as `armed` says. A hang needs a gate.
pub(super) fn arm(armed: Vec<Armed>, gate: Option<Gate>) {
    PLAN.set(Some((Plan::new(armed), gate)));
}

/// From now on nothing fails; returns how often the code of each site ran.
pub(super) fn disarm() -> Runs {
    PLAN.take().map(|(plan, _)| plan.into_runs()).unwrap_or_default()
}

/// An error of the users' code.
#[derive(Debug)]
pub(super) struct Refused;

/// The users' code of `site` runs.
pub(super) fn reach(site: Site) -> Result<(), Refused> {
    let next = PLAN.try_with(|plan| plan.borrow_mut().as_mut()?.0.next(site));
    let Some(fault) = next.ok().flatten() else { return Ok(()) };
    fault.panic();
    match fault {
        Fault::Error => return Err(Refused),
        _ => hang(site),
    }
    Ok(())
}

fn hang(site: Site) {
    PLAN.with_borrow(|plan| {
        let gate = plan.as_ref().and_then(|(_, gate)| gate.as_ref()).expect("a hang has a gate");
        // Both fail where the trial has given up.
        let _ = gate.hung.send(site);
        let _ = gate.go.recv();
    });
}
