use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(skip)]
    _casting: bool,
}

#[derive(Model)]
#[model(leaf)]
struct Money {
    _cents: i64,
}

fn main() {
    let _ = (Tv::PATHS, Money::PATHS);
}
