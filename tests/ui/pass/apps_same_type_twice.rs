use sprag::prelude::*;

pub struct Library;
pub type Books = Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! { pub Hub { Library } }

fn main() {}
