//! A store's type is not `Clone`, which a write beside a snapshot needs.
//!
//! Derive it.

use sprag::prelude::*;

struct Connections {
    count: u32,
}

fn main() {
    let _connections = create_store("connections", Connections { count: 0 }); //~ ERROR
    let _ = Connections { count: 0 }.count;
}
