//! A service holds a value that only one thread may use.
//!
//! Hold an `Arc` for an `Rc`, a `Store` or a `Mutex` for a `Cell`.

use sprag::prelude::*;

use std::rc::Rc;

pub struct Library {
    name: Rc<str>,
}

#[service]
impl Library { //~ ERROR
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
