use sprag::prelude::*;

use std::sync::Arc;

pub struct Library {
    name: Arc<str>,
}

#[service]
impl Library {
    fn new() -> Self {
        Self { name: "library".into() }
    }

    async fn on_start(&self) {
        println!("{}", self.name);
    }

    #[task]
    async fn follow(&self) {}
}

app! { pub Hub { Library } }

fn main() {}
