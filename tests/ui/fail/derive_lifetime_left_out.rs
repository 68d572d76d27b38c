//! A field borrows, and leaves the lifetime out.
//!
//! Hold owned data: `String` for `&str`.

use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    title: &str, //~ ERROR
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
