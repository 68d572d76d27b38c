use sprag::prelude::*;

#[derive(Model)]
struct Tv {
    #[model(browser = "never")]
    key: Key,
}

#[derive(Model)]
#[model(browser = "read")]
struct Key {
    text: String,
}

fn main() {
    let _ = Tv::PATHS.key.text;
}
