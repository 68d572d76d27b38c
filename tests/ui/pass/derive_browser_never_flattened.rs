use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    position: u64,
    #[serde(default)]
    account: Account,
}

#[derive(Model, Serialize)]
struct Account {
    user: String,
    #[model(browser = "never")]
    key: String,
}

#[derive(Model, Serialize)]
#[serde(tag = "kind")]
enum Login {
    Of(Account),
    None,
}

fn main() {
    let _ = (Tv::PATHS.position, Tv::PATHS.account.user, Login::PATHS.of.0.key);
    let _ = Login::None;
}
