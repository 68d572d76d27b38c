use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    casting: bool,
}

#[derive(Model, Clone, PartialEq)]
struct Radio {
    playing: bool,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false });
    tv.get(Radio::PATHS.playing);
}
