//! [`Plan`]: which of the users' code of this thread fails, and how.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender};

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

/// The way in which users' code fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Panic,
    /// A panic whose payload panics when it is dropped.
    Bomb,
    Error,
    /// The code returns after others have been served.
    Hang,
}

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

/// `fault` at the `nth` run of the code of `site`, from 0.
#[derive(Clone, Copy, Debug)]
pub struct Armed {
    pub site: Site,
    pub nth: usize,
    pub fault: Fault,
}

impl Armed {
    pub fn moment(self) -> (Site, usize) {
        (self.site, self.nth)
    }
}

/// The faults of a thread.
pub struct Plan {
    pub armed: Vec<Armed>,
    pub runs: BTreeMap<Site, usize>,
    pub hung: Sender<Site>,
    pub go: Receiver<()>,
}

thread_local! {
    static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
}

/// Runs `f` with faults; returns how often the code of each site ran.
pub fn during(plan: Plan, f: impl FnOnce()) -> BTreeMap<Site, usize> {
    PLAN.set(Some(plan));
    f();
    PLAN.take().map(|plan| plan.runs).unwrap_or_default()
}

/// An error of the users' code.
#[derive(Debug)]
pub struct Refused;

/// The users' code of `site` runs.
pub fn reach(site: Site) -> Result<(), Refused> {
    // A panic while another one unwinds would end the process, whichever code panics.
    if std::thread::panicking() {
        return Ok(());
    }
    let next = PLAN.try_with(|plan| plan.borrow_mut().as_mut().and_then(|plan| plan.next(site)));
    match next.ok().flatten() {
        None => Ok(()),
        Some(Fault::Panic) => resume_unwind(Box::new("a fault")),
        Some(Fault::Bomb) => resume_unwind(Box::new(Bomb)),
        Some(Fault::Error) => Err(Refused),
        Some(Fault::Hang) => {
            PLAN.with_borrow(|plan| {
                let plan = plan.as_ref().expect("it is armed");
                plan.hung.send(site).unwrap();
                plan.go.recv().unwrap();
            });
            Ok(())
        }
    }
}

impl Plan {
    fn next(&mut self, site: Site) -> Option<Fault> {
        let runs = self.runs.entry(site).or_default();
        let nth = std::mem::replace(runs, *runs + 1);
        let armed = self.armed.iter().position(|armed| armed.site == site && armed.nth == nth)?;
        Some(self.armed.remove(armed).fault)
    }
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
