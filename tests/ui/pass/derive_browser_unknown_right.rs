use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(browser = "write")]
    volume: u8,
    #[model(browser = "read")]
    position: u64,
}

fn main() {
    let _ = (Tv::PATHS.volume, Tv::PATHS.position);
}
