//! Which of the users' code of this thread fails, and how.

use std::cell::RefCell;
use std::sync::mpsc::{Receiver, Sender};

use test_support::faults::{self, Fault, Plan, Runs};

/// A place where users' code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    Clone,
    Eq,
    Drop,
    Default,
    Serialize,
    Deserialize,
    KeyClone,
    KeyEq,
    KeyHash,
    KeyOrd,
    KeyDrop,
    KeyText,
    /// A closure that changes the state, or is called by such an operation.
    Closure,
    Selector,
    Callback,
    Compute,
    OnInvalidate,
    Listener,
    Check,
}

pub type Armed = faults::Armed<Site>;

impl Site {
    pub fn faults(self) -> &'static [Fault] {
        use Fault::{Bomb, Error, Hang, Panic};
        match self {
            Self::Serialize | Self::Deserialize | Self::KeyText | Self::Check => {
                &[Panic, Error, Hang]
            }
            Self::Closure | Self::Compute => &[Panic, Bomb, Error, Hang],
            Self::Callback | Self::Listener | Self::Selector | Self::OnInvalidate => {
                &[Panic, Bomb, Hang]
            }
            Self::Drop | Self::KeyDrop => &[Panic, Bomb],
            _ => &[Panic],
        }
    }

    /// Whether no lock of the state is held, so that its readers are served while the code hangs.
    pub fn is_outside_locks(self) -> bool {
        matches!(self, Self::Callback | Self::Compute | Self::Listener | Self::OnInvalidate)
    }
}

/// The channels by which code that hangs says so, and waits until others have been served.
pub struct Gate {
    pub hung: Sender<Site>,
    pub go: Receiver<()>,
}

thread_local! {
    static PLAN: RefCell<Option<(Plan<Site>, Gate)>> = const { RefCell::new(None) };
}

/// Runs `f` with faults in this thread; returns how often the code of each site ran.
pub fn during(armed: Vec<Armed>, gate: Gate, f: impl FnOnce()) -> Runs<Site> {
    PLAN.set(Some((Plan::new(armed), gate)));
    f();
    PLAN.take().map(|(plan, _)| plan.into_runs()).unwrap_or_default()
}

/// An error of the users' code.
#[derive(Debug)]
pub struct Refused;

/// The users' code of `site` runs.
pub fn reach(site: Site) -> Result<(), Refused> {
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
        let (_, gate) = plan.as_ref().expect("it is armed");
        gate.hung.send(site).unwrap();
        gate.go.recv().unwrap();
    });
}
