use sprag::prelude::*;

#[derive(Clone)]
struct Connections {
    count: u32,
}

fn main() {
    let _connections = create_store("connections", Connections { count: 0 });
    let _ = Connections { count: 0 }.count;
}
