use sprag::prelude::*;

#[derive(Model, Clone)]
struct Tv {
    casting: bool,
}

fn main() {
    let _ = Tv::PATHS.casting;
    let _ = Tv { casting: true }.casting;
}
