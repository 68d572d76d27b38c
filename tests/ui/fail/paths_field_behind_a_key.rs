//! A path continues behind a key as if it were static.
//!
//! Continue with `.then(User::PATHS.name)`.

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
    let _ = hub.get(Hub::PATHS.users.key(7).name); //~ ERROR
}
