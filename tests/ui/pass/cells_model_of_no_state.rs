use sprag::prelude::*;

#[derive(Model, Clone)]
struct Tv {
    casting: bool,
}

fn main() {
    let _tv = create_model("tv", Tv { casting: false });
}
