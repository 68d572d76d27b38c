use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(leaf)]
    on_end: fn(u32),
    #[model(leaf)]
    decoder: Box<dyn Fn(&str) -> String + Send + Sync>,
}

fn main() {
    let _ = (Tv::PATHS.on_end, Tv::PATHS.decoder);
}
