use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(skip, leaf, rename = "x")]
    casting: bool,
}

#[derive(Model)]
#[model(leaf)]
struct Money {
    #[model(rename = "c")]
    cents: i64,
}

fn main() {
    let _ = (Tv::PATHS, Money::PATHS);
}
