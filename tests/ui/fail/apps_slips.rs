//! The entries of apps are values, or have half of a trait.
//!
//! List services by their types, and a trait as `Db as dyn Storage`.

use sprag::prelude::*;

pub trait Storage: Send + Sync {}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub A { Db::new() } } //~ ERROR

app! { pub B { Db as } } //~ ERROR

app! { pub C { Db as Storage } } //~ ERROR

app! { pub D { Db; } } //~ ERROR

app! { pub E { Db }; } //~ ERROR

app! { pub F { Db }(u8) } //~ ERROR

app! { pub G [Db] } //~ ERROR

app! { { Db } } //~ ERROR

app! {} //~ ERROR

fn main() {}
