//! A type holds itself, and so has no end.
//!
//! Put a `Box`, an `Arc` or a collection between.

use sprag::prelude::*;

#[derive(Model)]
pub struct Folder { //~ ERROR
    pub parent: Option<Folder>,
}

fn main() {}
