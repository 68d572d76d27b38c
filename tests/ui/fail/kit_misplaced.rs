//! `#[sprag::test]` beside another `#[test]`, on a generic function, or on something else.
//!
//! It makes the test alone, of an `async fn` without type parameters.

#[sprag::test]
#[test] //~ ERROR
async fn twice() {}

#[sprag::test]
async fn generic<T>() {} //~ ERROR

#[sprag::test] //~ ERROR
struct Player;

fn main() {}
