use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    queue: Vec<String>,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.insert(Tv::PATHS.queue, 0usize, "Alien".into()); //~ ERROR
}
