//! `path!` continues with something that is not a step.
//!
//! Write `.field`, `[key]`, `[index]` or `?`.

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
    chat.get(sprag::path!(Chat.rooms[7]::unread)); //~ ERROR
}
