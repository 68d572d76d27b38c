//! A generic model has an argument that is not a state.
//!
//! Derive `Model` for the argument too.

use sprag::prelude::*;

#[derive(Model)]
struct Page<T> {
    item: T,
}

struct Title(String);

fn main() {
    let _ = Page::<Title>::PATHS.item; //~ ERROR
    let _ = Title(String::new()).0;
}
