use sprag::prelude::*;

#[derive(Model, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Tv {
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    let _ = tv.get_value("position");
    let _ = tv.set_value("position", 7.into());
    let _ = tv.patch_value("", [("position", 7)].into_iter().collect());
}
