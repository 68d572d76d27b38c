//! `#[service]` is on the struct.
//!
//! Move it to the `impl` block.

use sprag::prelude::*;

#[service] //~ ERROR
pub struct Mailer;

fn main() {}
