//! A hook is `unsafe`.
//!
//! Remove `unsafe`.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    unsafe fn on_start(&self) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
