use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv { position: 0 });
    tv.set(Tv::PATHS.position, 9);
}
