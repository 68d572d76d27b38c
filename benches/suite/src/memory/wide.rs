//! A model of 5,006 nodes: what a tree of structs costs that is as wide as they get.

use sprag::prelude::*;

use crate::shapes::ours::Grid;

/// A row has 11 nodes, a grid 111, five of them 556.
pub(super) const NODES: usize = 1 + 9 * (1 + 5 * 111);

/// Nine times five grids.
#[derive(Clone, Debug, Default, Model, PartialEq)]
pub(super) struct Wide {
    pub(super) a: Grids,
    b: Grids,
    c: Grids,
    d: Grids,
    e: Grids,
    f: Grids,
    g: Grids,
    h: Grids,
    i: Grids,
}

/// Five grids.
#[derive(Clone, Debug, Default, Model, PartialEq)]
pub(super) struct Grids {
    pub(super) a: Grid,
    b: Grid,
    c: Grid,
    d: Grid,
    e: Grid,
}
