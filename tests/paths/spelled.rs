//! `path!`: the short spelling of a place.

use std::collections::{BTreeMap, HashMap};

use sprag::path;
use sprag::path::Path;
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Chat {
    rooms: HashMap<String, Room>,
    latest: Vec<Message>,
    pinned: Option<Message>,
    size: Pair,
    media: Media,
    board: BTreeMap<u8, Vec<HashMap<String, u8>>>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Room {
    members: HashMap<u64, Member>,
    last: Option<Message>,
    parent: Option<Box<Room>>,
    media: Media,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Member {
    unread: u32,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Message {
    text: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Pair(u8, Inner);

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Inner(u16);

#[allow(dead_code, reason = "the place is absent")]
#[derive(Model, Clone, Debug, Default, PartialEq)]
enum Media {
    #[default]
    Idle,
    Playing {
        url: String,
    },
}

type Devices = HashMap<u64, Room>;

fn assert_same<T: std::fmt::Display, U: std::fmt::Display>(short: T, long: U, text: &str) {
    assert_eq!((short.to_string(), long.to_string()), (text.into(), text.into()));
}

#[test]
fn fields_are_the_static_paths() {
    const SIZE: Path<Chat, u16> = path!(Chat.size.1.0);
    assert_same(SIZE, Chat::PATHS.size.1.0, "size.1.0");
    assert_same(path!(Chat.media.playing.url), Chat::PATHS.media.playing.url, "media.playing.url");
    assert_same(path!(Chat.pinned?.text), Chat::PATHS.pinned.some().text, "pinned.text");
}

#[test]
fn keys_and_indices_stand_in_brackets() {
    let (room, user) = (String::from("lobby"), 7);
    let long = Chat::PATHS.rooms.key(&room).then(Room::PATHS.members).key(user);
    let long = long.then(Member::PATHS.unread);
    let short = path!(Chat.rooms[&room].members[user].unread);
    assert_same(short, long, "rooms.lobby.members.7.unread");

    let chat = create_model("chat", Chat::default());
    chat.insert(path!(Chat.rooms), "lobby", Room::default());
    chat.insert(path!(Chat.rooms["lobby"].members), 7, Member::default())
        .expect("the room is there");
    chat.set(short, 3).expect("the member is there");
    assert_eq!((chat.get(short), chat.get(long)), (Some(3), Some(3)));
}

#[test]
fn brackets_may_follow_brackets() {
    let short = path!(Chat.board[1][0]["a"]);
    assert_same(short, Chat::PATHS.board.key(1).at(0).key("a"), "board.1.0.a");
    assert_same(path!(Chat.latest[2 - 1].text), path!(Chat.latest[1].text), "latest.1.text");
}

#[test]
fn options_boxes_and_variants_go_on_behind_keys() {
    let short = path!(Chat.rooms["a"].parent?.deref().last?.text);
    let long = Chat::PATHS.rooms.key("a").then(Room::PATHS.parent.some()).deref();
    assert_same(short, long.then(Room::PATHS.last.some().text), "rooms.a.parent.last.text");
    assert_same(
        path!(Chat.rooms["a"].media.playing.url),
        Chat::PATHS.rooms.key("a").then(Room::PATHS.media.playing.url),
        "rooms.a.media.playing.url",
    );
}

#[test]
fn a_path_may_start_at_a_map_and_end_in_a_selector() {
    assert_eq!(path!(Devices[7].media).to_string(), "7.media");
    let devices = create_model("devices", Devices::new());
    devices.insert(path!(Devices), 7, Room::default());
    assert_eq!(devices.select(path!(Devices.len())), 1);
    assert_eq!(devices.select(path!(Devices[7].members.keys())), Some(Default::default()));
}

#[test]
fn the_crate_may_have_any_name() {
    extern crate sprag as state;
    assert_eq!(state::path!(Chat.rooms["a"].last?.text).to_string(), "rooms.a.last.text");
}
