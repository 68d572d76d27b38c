//! The state of the chat: the part that all users see, and the part of each user.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

/// The rooms, which everybody sees.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chat {
    /// The rooms by name.
    pub rooms: BTreeMap<String, Room>,
}

/// A room.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Room {
    /// The topic, which the users in the room can change.
    #[model(browser = "write")]
    pub topic: String,
    /// The last lines.
    pub said: Vec<Said>,
    /// The users in the room, by name.
    pub present: BTreeMap<String, Presence>,
}

/// A line in a room.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// The number of the line in the room.
    pub id: u64,
    /// The user's name.
    pub by: String,
    /// The line.
    pub text: String,
}

/// A user in a room.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// Whether the user is typing.
    pub typing: bool,
}

/// The state of one user, which other users do not see.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Me {
    /// The user's name.
    pub name: String,
    /// The room that the user is in.
    #[model(browser = "write")]
    pub room: String,
    /// Whether the user is typing.
    #[model(browser = "write")]
    pub typing: bool,
    /// The lines that the server has not added to the room yet.
    #[model(browser = "write")]
    pub outbox: Vec<String>,
    /// The last line that the user has seen, for each room, in all windows.
    #[model(browser = "write")]
    pub read: BTreeMap<String, u64>,
    /// Grows while a window of the user is open.
    #[model(browser = "write")]
    pub beat: u64,
}

/// The maximal length of a line and of a topic, in bytes.
const LINE: usize = 2_000;
const TOPIC: usize = 200;

impl Chat {
    /// The rooms of a new chat.
    pub fn begin() -> Self {
        let rooms = [
            ("garden", "What grows, and what does not"),
            ("kitchen", "Tea at five"),
            ("workshop", "Broken things and how to mend them"),
        ];
        let room = |(name, topic): (&str, &str)| {
            (name.to_owned(), Room { topic: topic.to_owned(), ..Room::default() })
        };
        Self { rooms: rooms.into_iter().map(room).collect() }
    }

    /// Checks the state after a user's write; the error is shown to the user.
    pub fn check(&self) -> Result<(), String> {
        let is_long = self.rooms.values().any(|room| room.topic.len() > TOPIC);
        if is_long { Err(format!("A topic has at most {TOPIC} letters.")) } else { Ok(()) }
    }
}

impl Me {
    /// A user who has just entered.
    pub fn enter(name: &str) -> Self {
        Self { name: name.to_owned(), room: "kitchen".to_owned(), ..Self::default() }
    }

    /// Checks the state after the user's write; the error is shown to the user.
    pub fn check(&self) -> Result<(), String> {
        let rooms = Chat::begin().rooms;
        match () {
            () if !rooms.contains_key(&self.room) => Err("There is no such room.".to_owned()),
            () if self.read.keys().any(|room| !rooms.contains_key(room)) => {
                Err("There is no such room.".to_owned())
            }
            () if self.outbox.len() > 20 => Err("Slowly: one line after the other.".to_owned()),
            () if self.outbox.iter().any(|line| line.trim().is_empty()) => {
                Err("The line is empty.".to_owned())
            }
            () if self.outbox.iter().any(|line| line.len() > LINE) => {
                Err(format!("A line has at most {LINE} letters."))
            }
            () => Ok(()),
        }
    }
}
