use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Point(i32, i32);

fn main() {
    let point = create_model("point", Point::default());
    let _y = point.get(Point::PATHS.1);
}
