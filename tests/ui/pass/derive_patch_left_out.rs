use sprag::prelude::*;

#[derive(Model)]
#[model(patch = TvChanges)]
struct Tv {
    title: String,
}

fn main() {
    let _ = Tv::PATHS.title;
    let _ = Tv { title: String::new() }.title;
}
