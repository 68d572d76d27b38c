use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub { Library } }

pub fn name(hub: &Hub) -> &str {
    hub.name()
}

fn main() {}
