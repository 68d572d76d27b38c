//! A list of services has what only an app can have.
//!
//! Give values to the app, and let the app include both lists.

use sprag::prelude::*;

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Cfg;

sprag::services! { pub Time { Clock } }

sprag::services! {
    pub Storage(Cfg) { //~ ERROR
        #[cfg(all())] //~ ERROR
        Db,
        ..Time //~ ERROR
    }
}

app! { pub Shop(Cfg) { ..Storage, ..Time } }

fn main() {}
