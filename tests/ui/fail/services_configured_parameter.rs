//! A parameter of a hook is configured away.
//!
//! Write two methods.

use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[task]
    async fn follow(&self, #[cfg(all())] _scope: &Scope) {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
