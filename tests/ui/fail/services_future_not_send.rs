//! A task keeps what is not `Send` across an `.await`.
//!
//! Let go of it before, or hold what is `Send`.

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
