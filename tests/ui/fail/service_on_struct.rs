//! `#[service]` goes on the `impl` block.

use sprag::prelude::*;

#[service]
pub struct Mailer;

fn main() {}
