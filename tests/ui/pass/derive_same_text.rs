use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(rename = "loudness")]
    gain: u8,
    volume: u8,
}

fn main() {
    let _ = (Tv::PATHS.gain, Tv::PATHS.volume);
}
