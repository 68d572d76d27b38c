mod domain {
    #[derive(sprag::Model)]
    pub struct Tv {
        pub casting: bool,
        pub volume: u8,
    }
}

fn main() {
    let _ = (domain::Tv::PATHS.casting, domain::Tv::PATHS.volume);
}
