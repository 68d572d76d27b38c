use sprag::prelude::*;

#[derive(Model)]
#[model(crate = sprag)]
struct Tv {
    #[model(leaf)]
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
