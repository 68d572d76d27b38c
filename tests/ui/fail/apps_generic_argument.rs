//! An app lists a generic service with a type that threads cannot share.
//!
//! Use a type that is `Send` and `Sync`, such as an `Arc`.

use std::rc::Rc;

use sprag::prelude::*;

pub struct Db<T> {
    pub value: T,
}

#[service]
impl<T: Default> Db<T> {
    fn new() -> Self {
        Self { value: T::default() }
    }
}

app! { pub Shop { Db<Rc<u8>> } } //~ ERROR

fn main() {}
