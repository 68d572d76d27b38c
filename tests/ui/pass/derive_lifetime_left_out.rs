use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    title: String,
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
