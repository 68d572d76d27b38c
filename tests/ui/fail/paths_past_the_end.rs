//! A tuple's index is past the end.
//!
//! Count from 0.

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Point(i32, i32);

fn main() {
    let point = create_model("point", Point::default());
    let _y = point.get(Point::PATHS.2); //~ ERROR
}
