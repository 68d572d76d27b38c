use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Tv {
    casting: bool,
}

fn cast(tv: &Model<Tv>) {
    tv.update(|tv| tv.casting = true);
    tv.replace(Tv::default());
}

fn main() {
    let tv = create_model("tv", Tv::default());
    cast(&tv);
}
