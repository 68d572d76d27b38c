use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    casting: bool,
}

#[derive(Model, Clone, PartialEq)]
#[allow(dead_code)]
struct Radio {
    playing: bool,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false });
    tv.get(Tv::PATHS.casting);
}
