//! An async `new` holds a value that is not `Send` across an `.await`.
//!
//! Drop the value before the `.await`, or hold a value that is `Send`.

use std::rc::Rc;

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    async fn new() -> Self { //~ ERROR
        let name: Rc<str> = "db".into();
        std::future::ready(()).await;
        println!("{name}");
        Self
    }
}

fn main() {}
