//! The other file of `services_two_new_in_two_files`.

use sprag::prelude::*;

use super::Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}
}
