//! `#[sprag::test]` on a function that is not async.
//!
//! Write `async fn`; a test that awaits nothing can be a plain `#[test]`.

#[sprag::test]
fn the_bus_is_there(_bus: sprag::Bus) {} //~ ERROR

fn main() {}
