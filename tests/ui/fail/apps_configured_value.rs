//! A value of an app is configured away.
//!
//! Write two `app!`.

use sprag::prelude::*;

pub struct Settings;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop(#[cfg(all())] Settings) { Db } } //~ ERROR

fn main() {}
