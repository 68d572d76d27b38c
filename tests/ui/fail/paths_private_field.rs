//! The path of a private field is private.
//!
//! Make the field public, or offer a public path to it.

mod domain {
    #[derive(sprag::Model)]
    pub struct Tv {
        pub casting: bool,
        volume: u8,
    }
}

fn main() {
    let _ = (domain::Tv::PATHS.casting, domain::Tv::PATHS.volume); //~ ERROR
}
