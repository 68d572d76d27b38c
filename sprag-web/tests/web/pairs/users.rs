//! A user's state and policy, whose code can fail wherever it runs.

use std::cell::RefCell;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use sprag::prelude::*;
use sprag_web::{Denied, Policy};
use test_support::faults::{self, Fault, Plan, Runs};

/// A place where users' code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Site {
    Clone,
    Eq,
    Drop,
    Serialize,
    Deserialize,
    Authorize,
    Validate,
}

pub(super) const SITES: [Site; 7] = [
    Site::Clone,
    Site::Eq,
    Site::Drop,
    Site::Serialize,
    Site::Deserialize,
    Site::Authorize,
    Site::Validate,
];

pub(super) type Armed = faults::Armed<Site>;

impl Site {
    pub(super) fn faults(self) -> &'static [Fault] {
        match self {
            Self::Serialize | Self::Deserialize | Self::Authorize | Self::Validate => {
                &[Fault::Panic, Fault::Bomb, Fault::Error]
            }
            Self::Clone | Self::Eq | Self::Drop => &[Fault::Panic, Fault::Bomb],
        }
    }
}

thread_local! {
    /// The test's, whose runtime has one thread.
    static PLAN: RefCell<Option<Plan<Site>>> = const { RefCell::new(None) };
}

pub(super) fn arm(armed: Vec<Armed>) {
    PLAN.set(Some(Plan::new(armed)));
}

/// From now on nothing fails; returns how often the code of each site ran.
pub(super) fn disarm() -> Runs<Site> {
    PLAN.take().map(Plan::into_runs).unwrap_or_default()
}

/// An error of the users' code.
#[derive(Debug)]
struct Refused;

/// The users' code of `site` runs.
fn reach(site: Site) -> Result<(), Refused> {
    let next = PLAN.try_with(|plan| plan.borrow_mut().as_mut()?.next(site));
    let Some(fault) = next.ok().flatten() else { return Ok(()) };
    fault.panic();
    Err(Refused)
}

fn run(site: Site) {
    // Code of these sites has no error.
    let _ = reach(site);
}

#[derive(Model, Debug, Default)]
#[model(leaf, ts = "number")]
pub(super) struct V(u32);

impl Clone for V {
    fn clone(&self) -> Self {
        run(Site::Clone);
        Self(self.0)
    }
}

impl PartialEq for V {
    fn eq(&self, other: &Self) -> bool {
        run(Site::Eq);
        self.0 == other.0
    }
}

impl Drop for V {
    fn drop(&mut self) {
        run(Site::Drop);
    }
}

impl Serialize for V {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        reach(Site::Serialize).map_err(|_| ser::Error::custom("a fault"))?;
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for V {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        reach(Site::Deserialize).map_err(|_| de::Error::custom("a fault"))?;
        u32::deserialize(deserializer).map(V)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
pub(super) struct Stage {
    pub(super) one: V,
    pub(super) list: Vec<V>,
}

pub(super) fn policy() -> Policy<Stage> {
    let authorize = |(): &(), _: &_| reach(Site::Authorize).map_err(|_| Denied);
    let validate = |_: &Stage| reach(Site::Validate).map_err(|_| "a fault".to_owned());
    Policy::new().authorize(authorize).validate(validate)
}
