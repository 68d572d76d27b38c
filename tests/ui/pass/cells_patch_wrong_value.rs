use sprag::prelude::*;

#[derive(Model, Clone, PartialEq)]
struct Tv {
    casting: bool,
}

fn main() {
    let tv = create_model("tv", Tv { casting: false });
    tv.patch(TvPatch::new().casting(true));
}
