#[sprag::test]
async fn the_bus_is_there(_bus: sprag::Bus) {}

fn main() {}
