//! Every wrong option is reported in one run.

use sprag::prelude::*;

pub struct Db;

#[service(depend_on(Other), own = field, own(), depends_on(3))]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } }

fn main() {}
