//! Places as text, as an HTTP handler or an inspector uses them.
//!
//! ```text
//! cargo run --example values
//! cargo run --example values -- get users.7.name
//! cargo run --example values -- set playback.url '"/media/new.mp4"'
//! cargo run --example values -- patch playback '{"position": 90}'
//! cargo run --example values -- describe
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, to_string_pretty};
use sprag::{Error, Result, prelude::*};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tv {
    playback: Playback,
    /// The users in front of the television.
    users: BTreeMap<u32, User>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Playback {
    url: Option<String>,
    /// In seconds.
    position: u64,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    /// JSON does not contain the password, and a write of JSON does not reset it.
    #[serde(skip)]
    password: String,
}

fn main() -> Result<()> {
    let ann = User { name: "Ann".into(), password: "secret".into() };
    let users = BTreeMap::from([(7, ann)]);
    let tv = create_model("tv", Tv { users, ..Tv::default() });
    let _guard = tv.subscribe(Tv::PATHS.playback, |playback, change| {
        println!("version {}: {playback:?}", change.version());
    });

    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match *words {
        [] => tour(&tv),
        _ => println!("{}", obey(&tv, &words)?),
    }
    Ok(())
}

/// Runs some valid and some invalid commands.
fn tour(tv: &Model<Tv>) {
    for words in [
        &["set", "playback.url", "\"/media/new.mp4\""][..],
        &["patch", "", r#"{ "playback": { "position": 90 } }"#],
        &["set", "users.9", r#"{ "name": "Bob" }"#],
        &["get", "users"],
        &["get", "playback.urll"],
        &["set", "playback.position", "\"soon\""],
        &["get", "users.7.password"],
        &["get", "users.8.name"],
    ] {
        match obey(tv, words) {
            Ok(answer) => println!("{}: {answer}", words.join(" ")),
            Err(error) => println!("{}: {error:#}", words.join(" ")),
        }
    }
}

fn obey(tv: &Model<Tv>, words: &[&str]) -> Result<String> {
    match *words {
        ["get", path] => Ok(tv.get_value(path)?.to_string()),
        ["set", path, value] => {
            tv.set_value(path, value.parse::<Value>()?)?;
            Ok(tv.get_value(path)?.to_string())
        }
        ["patch", path, patch] => {
            tv.patch_value(path, patch.parse::<Value>()?)?;
            Ok(tv.get_value(path)?.to_string())
        }
        ["describe"] => Ok(to_string_pretty(&tv.describe())?),
        _ => Err(Error::msg("commands: get PATH, set PATH JSON, patch PATH JSON, describe")),
    }
}
