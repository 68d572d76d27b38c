use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Tv {
    #[model(leaf)]
    casting: bool,
}

fn main() {
    let _store = create_store("tv", Tv { casting: true }.clone());
}
