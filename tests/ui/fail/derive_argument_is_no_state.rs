//! A generic model is used with an argument that is no state.
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
