//! Options of a service are wrong: each is reported in one run.
//!
//! Write each as its message says.

use sprag::prelude::*;

pub struct Db;

#[service(depend_on(Other), own = field, own(), depends_on(3))] //~ ERROR //~ ERROR //~ ERROR //~ ERROR
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } }

fn main() {}
