//! A user's state, whose values can fail in every method.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use test_support::faults::Number;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stage {
    pub(super) one: V,
    pub(super) list: Vec<V>,
    pub(super) map: BTreeMap<u32, V>,
    pub(super) number: u32,
}

pub(super) fn initial() -> Stage {
    let map = [(1, v(1))].into_iter().collect();
    Stage { one: v(1), list: vec![v(1), v(2), v(3)], map, number: 1 }
}

/// A state as plain data, which runs no users' code.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plain {
    one: u32,
    list: Vec<u32>,
    map: Vec<(u32, u32)>,
    number: u32,
}

impl Plain {
    pub(super) fn of(stage: &Stage) -> Self {
        Self {
            one: stage.one.0.0,
            list: stage.list.iter().map(|value| value.0.0).collect(),
            map: stage.map.iter().map(|(key, value)| (*key, value.0.0)).collect(),
            number: stage.number,
        }
    }

    /// Without the number, which others write.
    pub(super) fn unnumbered(self) -> Self {
        Self { number: 0, ..self }
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(leaf)]
#[serde(transparent)]
pub(super) struct V(pub(super) Number<false>);

pub(super) fn v(number: u32) -> V {
    V(Number::new(number))
}
