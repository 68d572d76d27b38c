#[sprag::test]
async fn twice() {}

#[sprag::test]
async fn generic() {}

struct Player;

fn main() {}
