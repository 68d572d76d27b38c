//! Entries of an app have attributes that do nothing there.
//!
//! Only `#[cfg(…)]` on a service means something; remove the others.

use sprag::prelude::*;

pub struct Settings;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }
}

app! {
    pub Hub(#[cfg(all())] Settings) { //~ ERROR
        #[inline] //~ ERROR
        Library
    }
}

fn main() {}
