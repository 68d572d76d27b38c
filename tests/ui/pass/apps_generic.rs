use sprag::prelude::*;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub { Library } }

fn main() {}
