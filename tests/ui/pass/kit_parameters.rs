use sprag::prelude::*;

app! { pub Hub {} }

#[sprag::test(app = Hub::start())]
async fn without_an_app(_hub: &Hub) {}

#[sprag::test]
async fn a_number(_bus: Bus) {}

#[sprag::test]
async fn to_change(_bus: &Bus) {}

#[sprag::test(app = Hub::start())]
async fn two_apps(_hub: &Hub) {}

fn main() {}
