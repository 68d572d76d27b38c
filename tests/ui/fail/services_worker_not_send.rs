//! A job or a reply cannot be sent to another thread.
//!
//! Use types that are `Send`, such as an `Arc`.

use std::rc::Rc;

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn a(&self, _job: Rc<u8>) {} //~ ERROR

    #[worker(4)]
    async fn b(&self, _job: u8) -> Rc<u8> { //~ ERROR
        Rc::new(1)
    }
}

app! { pub Shop { Db } }

fn main() {}
