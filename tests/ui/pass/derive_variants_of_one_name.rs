use sprag::prelude::*;

#[derive(Model)]
enum Media {
    OnAir(u8),
    OffAir(u8),
}

fn main() {
    let _ = (Media::PATHS.on_air.0, Media::OnAir(0), Media::OffAir(0));
}
