//! The values of apps have names, are borrowed or have no size.
//!
//! Write the type alone; a type without a size goes into an `Arc`.

use sprag::prelude::*;

pub trait Clock: Send + Sync {}

pub struct Db;

#[service]
impl Db {
    fn new(_: Config<u16>) -> Self {
        Self
    }
}

app! { pub A(port: u16) { Db } } //~ ERROR

app! { pub B(&u16) { Db } } //~ ERROR

app! { pub C(u16, &str) { Db } } //~ ERROR

app! { pub D(u16, str) { Db } } //~ ERROR

app! { pub E(u16, [u8]) { Db } } //~ ERROR

app! { pub F(u16, dyn Clock) { Db } } //~ ERROR

fn main() {}
