use sprag::prelude::*;

#[derive(Model)]
enum Shown {
    Paths(u8),
    Nothing,
}

fn main() {
    let _ = (Shown::Paths(1), Shown::Nothing);
}
