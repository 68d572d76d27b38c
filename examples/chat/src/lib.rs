//! A chat with rooms and presence, as an example of stores in browsers.
//!
//! Everybody sees one store, `chat`, and writes the topic of the room that they are in.
//! Each user has a store of their own, `me`, that other users do not see: the room that the
//! user is in, whether the user is typing, and the lines that the user says. The server
//! takes the lines from there and adds them to the room with the user's name, so no user
//! can speak for another.

mod rooms;
mod session;
mod state;
mod web;

use sprag::app;

pub use rooms::Rooms;
pub use session::{Sessions, User};
pub use state::{Chat, Me, Presence, Room, Said};
pub use web::{Listen, Web, routes};

app! {
    /// The chat: its rooms and its page.
    pub Chatting(Listen) { Web }
}
