use sprag::prelude::*;

#[derive(Model)]
#[model(crate = sprag)]
#[model(crate = sprag)]
struct Tv {
    #[model(leaf, leaf)]
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
