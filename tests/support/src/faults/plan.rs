//! The faults of a thread: which of its users' code fails, at which of its runs, and how.

use std::cell::RefCell;
use std::fmt;
use std::mem::replace;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::panicking;

use super::{Armed, Fault, Runs, Site};

/// The faults of a thread, of which each happens once.
#[derive(Debug)]
struct Plan {
    armed: Vec<Armed>,
    runs: Runs,
    gate: Option<Gate>,
}

/// Where code that hangs says so, and waits until it may go on.
pub struct Gate {
    hung: Box<dyn Fn(Site) + Send>,
    go: Receiver<()>,
}

thread_local! {
    static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
}

/// An error of users' code.
#[derive(Debug)]
pub struct Refused;

/// From now on the users' code of this thread fails as `armed` says. A hang needs a gate.
pub fn arm(armed: Vec<Armed>, gate: Option<Gate>) {
    PLAN.set(Some(Plan { armed, runs: Runs::new(), gate }));
}

/// From now on no code of this thread fails; returns how often that of each site ran.
pub fn disarm() -> Runs {
    PLAN.take().map(|plan| plan.runs).unwrap_or_default()
}

/// The users' code of `site` runs.
///
/// # Errors
///
/// Where the plan says so.
///
/// # Panics
///
/// Where the plan says so.
pub fn reach(site: Site) -> Result<(), Refused> {
    // A thread that ends may drop values after its plan.
    let next = PLAN.try_with(|plan| plan.borrow_mut().as_mut()?.next(site));
    let Some(fault) = next.ok().flatten() else { return Ok(()) };
    fault.panic();
    match fault {
        Fault::Error => return Err(Refused),
        _ => hang(site),
    }
    Ok(())
}

/// The users' code of `site` runs, which has no error.
///
/// # Panics
///
/// Where the plan says so.
pub fn run(site: Site) {
    reach(site).expect("code without errors has no such fault");
}

fn hang(site: Site) {
    PLAN.with_borrow(|plan| {
        let gate = plan.as_ref().and_then(|plan| plan.gate.as_ref()).expect("a hang has a gate");
        (gate.hung)(site);
        // The sender is gone where the trial has given up.
        let _ = gate.go.recv();
    });
}

impl Plan {
    /// Counts a run of the code of `site`, and returns its fault. Nothing fails while a panic
    /// unwinds: a second one would end the process, whichever code panics.
    fn next(&mut self, site: Site) -> Option<Fault> {
        if panicking() {
            return None;
        }
        let runs = self.runs.entry(site).or_default();
        let nth = replace(runs, *runs + 1);
        let armed = self.armed.iter().position(|it| it.site == site && it.nth == nth)?;
        Some(self.armed.remove(armed).fault)
    }
}

impl Gate {
    /// A gate, and the sender that lets the code go on. `hung` is called by code that hangs.
    pub fn new(hung: impl Fn(Site) + Send + 'static) -> (Self, Sender<()>) {
        let (sender, go) = channel();
        (Self { hung: Box::new(hung), go }, sender)
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::super::Method;
    use super::*;

    #[test]
    fn a_fault_happens_at_its_run_and_once() {
        let armed = |site, nth, fault| Armed { site, nth, fault };
        arm(
            vec![
                armed(Site::Refusal, 1, Fault::Error),
                armed(Site::Value(Method::Eq), 0, Fault::Panic),
            ],
            None,
        );

        let refused: Vec<bool> = (0..3).map(|_| reach(Site::Refusal).is_err()).collect();
        catch_unwind(|| run(Site::Value(Method::Eq))).unwrap_err();
        run(Site::Value(Method::Eq));

        assert_eq!(refused, [false, true, false]);
        assert_eq!(disarm(), Runs::from([(Site::Value(Method::Eq), 2), (Site::Refusal, 3)]));
        run(Site::Closure);
        assert_eq!(disarm(), Runs::new());
    }

    #[test]
    fn a_hang_says_so_and_ends_when_it_may() {
        let (gate, go) = Gate::new(|site| assert_eq!(site, Site::Callback));
        go.send(()).unwrap();
        arm(vec![Armed { site: Site::Callback, nth: 0, fault: Fault::Hang }], Some(gate));

        run(Site::Callback);

        assert_eq!(disarm(), Runs::from([(Site::Callback, 1)]));
    }
}
