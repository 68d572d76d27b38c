//! A user's value and key, whose every method can fail.

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use test_support::faults::Number;

/// A value.
#[derive(Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[model(leaf)]
#[serde(transparent)]
pub struct V(pub Number<false>);

/// A key.
#[derive(Model, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[model(leaf)]
#[serde(transparent)]
pub struct K(pub Number<true>);

pub fn v(n: u32) -> V {
    V(Number::new(n))
}

pub fn k(n: u32) -> K {
    K(Number::new(n))
}
