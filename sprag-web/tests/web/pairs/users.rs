//! A user's state and policy, whose code can fail wherever it runs.

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_web::{Denied, Policy};
use test_support::faults::{Method, Number, Site, reach};

/// The places where a write runs users' code.
pub(super) const SITES: [Site; 7] = [
    Site::Value(Method::Clone),
    Site::Value(Method::Deserialize),
    Site::Value(Method::Drop),
    Site::Value(Method::Eq),
    Site::Value(Method::Serialize),
    Site::Authorize,
    Site::Validate,
];

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(leaf, ts = "number")]
#[serde(transparent)]
pub(super) struct V(Number<false>);

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
