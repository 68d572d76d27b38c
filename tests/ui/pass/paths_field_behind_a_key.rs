use std::collections::HashMap;

use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Hub {
    users: HashMap<u32, User>,
}

#[derive(Model, Clone, Default)]
struct User {
    name: String,
}

fn main() {
    let hub = create_model("hub", Hub::default());
    let _ = hub.get(Hub::PATHS.users.key(7).then(User::PATHS.name));
}
