//! A chat with rooms and presence, as an example of stores in browsers.
//!
//! Everybody sees one store, `chat`, and writes the topic of the room that they are in.
//! Each user has a store of their own, `me`, that nobody else sees: the room that they are
//! in, whether they type, and the lines that they say. The server takes the lines from
//! there and puts them into the room with the user's name, so that nobody speaks for
//! somebody else.

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
