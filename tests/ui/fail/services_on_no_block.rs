//! `#[service]` is on a function, a module or a trait.
//!
//! Put it on the service's `impl` block.

use sprag::prelude::*;

#[service] //~ ERROR
fn start() {}

#[service] //~ ERROR
mod storage {}

#[service] //~ ERROR
trait Storage {}

fn main() {
}
