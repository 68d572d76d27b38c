//! A task holds a value that is not `Send` across an `.await`.
//!
//! Drop the value before the `.await`, or hold a value that is `Send`.

use sprag::prelude::*;

use std::rc::Rc;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[task]
    async fn follow(&self, scope: &Scope) { //~ ERROR
        let name: Rc<str> = "library".into();
        scope.cancelled().await;
        println!("{name}");
    }
}

fn main() {}
