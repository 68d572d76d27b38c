//! `#[event(…)]` or its type is malformed.
//!
//! Write `#[event("storage:mount_changed")]` on a type that owns its data.

use sprag::prelude::*;

#[derive(Event)]
#[event("")] //~ ERROR
struct Empty;

#[derive(Event)]
#[event] //~ ERROR
struct Bare;

#[derive(Event)]
#[event("a", "b")] //~ ERROR
struct Twice;

#[derive(Event)]
#[event("a", crat = sprag)] //~ ERROR
struct Option;

#[derive(Event)]
struct Borrowed<'a>(&'a str); //~ ERROR

fn main() {
    let _ = (Empty::NAME, Bare::NAME, Twice::NAME, Option::NAME, Borrowed::NAME);
}
