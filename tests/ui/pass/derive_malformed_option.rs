use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(rename = "cast")]
    casting: bool,
    #[model(skip)]
    _skipped: u8,
    #[model(leaf, rename = "c")]
    comma: u8,
}

#[derive(Model)]
#[model(crate = sprag)]
struct Named {
    x: u8,
}

#[derive(Model)]
#[model(patch_derive(Debug))]
struct Derived {
    x: u8,
}

fn main() {
    let _ = (Tv::PATHS.casting, Tv::PATHS.comma, Named::PATHS.x, Derived::PATHS.x);
}
