use sprag::prelude::*;

#[derive(Model, Clone, Default)]
struct Connections {
    count: u32,
}

fn main() {
    let connections = create_store("connections", Connections::default());
    connections.set(ConnectionsPatch::new().count(1));
}
