use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    #[serde(rename = "name")]
    title: String,
}

fn main() {
    let _ = Tv::PATHS.title;
    let _ = Tv { title: String::new() }.title;
}
