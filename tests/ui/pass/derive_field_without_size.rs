use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    casting: bool,
    title: String,
}

fn main() {
    let _ = Tv::PATHS.title;
}
