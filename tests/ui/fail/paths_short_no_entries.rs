//! `path!` has a key in brackets behind a value without entries.
//!
//! Put the brackets behind a map or a list.

use std::collections::HashMap;

use sprag::prelude::*;

#[derive(Model, Clone, Default, PartialEq)]
struct Chat {
    title: String,
    rooms: HashMap<u64, Room>,
}

#[derive(Model, Clone, Default, PartialEq)]
struct Room {
    unread: u32,
}

fn main() {
    let chat = create_model("chat", Chat::default());
    chat.get(sprag::path!(Chat.title[7])); //~ ERROR
}
