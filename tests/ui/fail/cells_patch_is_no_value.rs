//! A store is set to a whole value.
//!
//! Name the fields in its patch, or call `replace`.

use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Connections {
    count: u32,
}

fn main() {
    let connections = create_store("connections", Connections::default());
    connections.set(Connections { count: 1 }); //~ ERROR
}
