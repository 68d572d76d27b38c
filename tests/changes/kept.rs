//! D0, D3: `apply` leaves what serde skips below a set value, where the value is known to be
//! the same one: at the place itself, under the same key, or an element that is equal in all
//! that serde shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, from_value, json};
use sprag::prelude::*;
use sprag::state::Changeset;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    owner: User,
    users: Vec<User>,
    by_name: BTreeMap<String, User>,
    maybe: Option<Box<User>>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct User {
    name: String,
    #[serde(skip)]
    token: String,
}

fn user(name: &str) -> User {
    User { name: name.into(), token: format!("token-of-{name}") }
}

fn room() -> Model<Room> {
    let by_name = ["ann", "bob"].map(|name| (name.to_owned(), user(name)));
    create_model(
        "room",
        Room {
            owner: user("ann"),
            users: ["ann", "bob", "cyd"].map(user).into(),
            by_name: by_name.into(),
            maybe: Some(Box::new(user("dan"))),
        },
    )
}

fn changeset(ops: Value) -> Changeset {
    from_value(json!({ "from": 0, "to": 1, "ops": ops })).unwrap()
}

fn tokens(users: &[User]) -> Vec<&str> {
    users.iter().map(|user| &*user.token).collect()
}

#[test]
fn d3_a_set_place_keeps_what_serde_skips() {
    let room = room();
    let set = json!([
        ["=", ["owner"], { "name": "eve" }],
        ["=", ["maybe"], { "name": "eve" }],
        ["=", ["by_name", "bob"], { "name": "eve" }],
    ]);
    room.apply(&changeset(set)).unwrap();
    let now = room.snapshot();
    assert_eq!(now.owner, User { name: "eve".into(), ..user("ann") });
    assert_eq!(now.maybe.as_ref().unwrap().token, "token-of-dan");
    assert_eq!(now.by_name["bob"].token, "token-of-bob");
}

#[test]
fn d3_a_set_map_keeps_by_key_and_a_set_list_by_what_serde_shows() {
    let room = room();
    let set = json!([
        ["=", ["by_name"], { "bob": { "name": "robert" }, "eve": { "name": "eve" } }],
        ["=", ["users"], [{ "name": "bob" }, { "name": "new" }, { "name": "cyd" }]],
    ]);
    room.apply(&changeset(set)).unwrap();
    let now = room.snapshot();
    assert_eq!(now.by_name["bob"].token, "token-of-bob");
    assert_eq!(now.by_name["eve"].token, "");
    assert_eq!(tokens(&now.users), ["token-of-bob", "", "token-of-cyd"]);
}

#[test]
fn d3_a_set_root_keeps_what_its_places_keep() {
    let room = room();
    let before = room.snapshot();
    let root = serde_json::to_value(&*before).unwrap();
    room.apply(&changeset(json!([["=", [], root]]))).unwrap();
    assert_eq!(*room.snapshot(), *before);
}

#[test]
fn d3_what_is_refused_takes_back_what_was_kept() {
    let room = room();
    let before = room.snapshot();
    let set = json!([
        ["=", ["owner"], { "name": "eve" }],
        ["=", ["users"], [{ "name": "cyd" }]],
        ["-", ["by_name", "nobody"]],
    ]);
    room.apply(&changeset(set)).unwrap_err();
    assert_eq!(*room.snapshot(), *before);
}

#[test]
fn d4_an_undo_leads_back_to_what_was_kept() {
    let room = room();
    let (history, before) = (room.history(9), room.snapshot());
    room.apply(&changeset(json!([["=", ["users"], [{ "name": "cyd" }]]]))).unwrap();
    assert_eq!(tokens(&room.snapshot().users), ["token-of-cyd"]);
    history.undo().unwrap();
    assert_eq!(*room.snapshot(), *before);
}
