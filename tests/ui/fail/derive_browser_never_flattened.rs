//! A field is hidden from browsers in a type that another one flattens.
//!
//! Do not flatten the type, or give the untagged enum a tag.

use serde::Serialize;
use sprag::prelude::*;

#[derive(Model, Serialize)]
struct Tv {
    position: u64,
    #[serde(flatten)]
    account: Account, //~ ERROR
}

#[derive(Model, Serialize)]
struct Account {
    user: String,
    #[model(browser = "never")]
    key: String,
}

#[derive(Model, Serialize)]
#[serde(untagged)]
enum Login { //~ ERROR
    Of(Account),
    None,
}

fn main() {
    let _ = (Tv::PATHS.position, Tv::PATHS.account.user, Login::PATHS.of.0.key);
    let _ = Login::None;
}
