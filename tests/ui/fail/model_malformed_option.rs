use sprag::prelude::*;

#[derive(Model)]
#[model]
struct Tv {
    #[model(rename)]
    casting: bool,
    #[model(rename = volume)]
    volume: u8,
    #[model(rename = "a.b")]
    dotted: u8,
    #[model(rename = "")]
    empty: u8,
    #[model(skip = true)]
    skipped: u8,
    #[model(rename("x"))]
    list: u8,
    #[model("x")]
    text: u8,
    #[model(leaf skip)]
    comma: u8,
}

#[derive(Model)]
#[model(crate = "sprag")]
struct Named {
    x: u8,
}

#[derive(Model)]
#[model(patch_derive = Debug)]
struct Derived {
    x: u8,
}

fn main() {
    let _ = (Tv::PATHS.casting, Tv::PATHS.comma, Named::PATHS.x, Derived::PATHS.x);
}
