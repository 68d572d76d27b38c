//! An entry of an app has an attribute without effect.
//!
//! Only `#[cfg(…)]` on a service has an effect; remove the others.

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
