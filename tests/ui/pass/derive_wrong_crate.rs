use sprag::prelude::*;

#[derive(Model)]
#[model(crate = sprag)]
struct Tv {
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
}
