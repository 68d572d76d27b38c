use sprag::prelude::*;

pub struct Settings;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! {
    pub Hub(Settings) {
        #[cfg(all())]
        Library
    }
}

fn main() {}
