//! A listener takes any event.
//!
//! Take one type of event.

use sprag::prelude::*;

#[derive(Event)]
pub struct Moved;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[listen]
    fn moved(&self, _event: &impl Event) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
