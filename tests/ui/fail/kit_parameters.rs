//! A parameter of a test is nothing that the kit has.
//!
//! The kit passes a `Bus`, a `Scope`, and the app that `app = …` starts, by value or by `&`.

use sprag::prelude::*;

app! { pub Hub {} }

#[sprag::test]
async fn without_an_app(_hub: &Hub) {} //~ ERROR

#[sprag::test]
async fn a_number(_bus: Bus, _n: u32) {} //~ ERROR

#[sprag::test]
async fn to_change(_bus: &mut Bus) {} //~ ERROR

#[sprag::test(app = Hub::start())]
async fn two_apps(_hub: &Hub, _other: &Hub) {} //~ ERROR

fn main() {}
