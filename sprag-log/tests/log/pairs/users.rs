//! A user's state, whose values can fail in every method.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};
use sprag::prelude::*;

use super::plan::{Site, reach};

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
            one: stage.one.0,
            list: stage.list.iter().map(|value| value.0).collect(),
            map: stage.map.iter().map(|(key, value)| (*key, value.0)).collect(),
            number: stage.number,
        }
    }

    /// Without the number, which others write.
    pub(super) fn unnumbered(self) -> Self {
        Self { number: 0, ..self }
    }
}

#[derive(Model, Debug, Default)]
#[model(leaf)]
pub(super) struct V(pub(super) u32);

pub(super) fn v(number: u32) -> V {
    V(number)
}

fn run(site: Site) {
    // Code of these sites has no error.
    let _ = reach(site);
}

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
        u32::deserialize(deserializer).map(v)
    }
}
