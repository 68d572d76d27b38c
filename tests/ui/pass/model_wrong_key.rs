use std::collections::HashMap;

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    users: HashMap<u32, String>,
}

fn main() {
    let tv = create_model("tv", Tv::default());
    tv.get(Tv::PATHS.users.key(7));
}
