//! [`Rooms`]: moves what users write in their own stores into the rooms.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use sprag::{path, prelude::*};
use sprag_web::{Denied, Policy, Published, PublishedBy, Stores, Write, store, store_by};
use tokio::time::Instant;

use crate::session::User;
use crate::state::{Chat, Me, Presence, Said};

/// How long a user without a signal stays in a room; each window sends a signal every 10 s.
const SILENCE: Duration = Duration::from_secs(25);
/// How many lines a room keeps.
const LINES: usize = 200;

/// The rooms and the users in them.
#[derive(Debug)]
pub struct Rooms {
    /// The state that all users see.
    pub chat: Published<Chat>,
    /// The state of each user, for that user alone.
    pub me: PublishedBy<User, Me>,
    members: Mutex<HashMap<User, Member>>,
}

/// A user who has entered.
#[derive(Debug)]
struct Member {
    me: Published<Me>,
    heard: Instant,
    /// The room that shows the user.
    room: Option<String>,
    _subscriptions: [Subscription; 3],
}

impl Rooms {
    /// Rooms without users.
    pub fn new() -> Arc<Self> {
        let me = store_by("me", |user: &User| Me::enter(&user.0));
        Arc::new(Self { chat: store("chat", Chat::begin()), me, members: Mutex::default() })
    }

    /// The stores for browsers, with their policies.
    pub fn stores(self: &Arc<Self>) -> Stores {
        let rooms = Arc::clone(self);
        let chat = Policy::new()
            .visible(|_: &User| true)
            .authorize(move |user, write| rooms.may_write(user, write))
            .validate(Chat::check);
        let me = Policy::new().validate(Me::check);
        Stores::new().add_with(&self.chat, chat).add_by_with(&self.me, me)
    }

    /// Adds a user, and observes the user's writes from now on.
    pub fn enter(self: &Arc<Self>, user: &User) {
        let me = self.me.get(user);
        let on = |f: fn(&Self, &User)| {
            let (rooms, user): (Weak<Self>, _) = (Arc::downgrade(self), user.clone());
            move || {
                if let Some(rooms) = rooms.upgrade() {
                    f(&rooms, &user);
                }
            }
        };
        let (say, show, beat) = (on(Self::say), on(Self::show), on(Self::beat));
        let subscriptions = [
            me.subscribe(Me::PATHS.outbox, move |_, _| say()),
            me.subscribe((Me::PATHS.room, Me::PATHS.typing), move |_, _| show()),
            me.subscribe(Me::PATHS.beat, move |_, _| beat()),
        ];
        let heard = Instant::now();
        let member = Member { me, heard, room: None, _subscriptions: subscriptions };
        self.members.lock().unwrap().insert(user.clone(), member);
        self.show(user);
    }

    /// Removes a user from the chat.
    pub fn leave(&self, user: &User) {
        self.hide(user);
        let member = self.members.lock().unwrap().remove(user);
        // Outside of the lock, since the drop of a subscription waits for its callbacks.
        drop(member);
    }

    /// Removes the users whose windows are closed from their rooms.
    pub fn sweep(&self) {
        let members = self.members.lock().unwrap();
        let silent = members.iter().filter(|(_, member)| member.heard.elapsed() > SILENCE);
        let silent: Vec<User> = silent.map(|(user, _)| user.clone()).collect();
        drop(members);
        silent.iter().for_each(|user| self.hide(user));
    }

    /// Allows a user to write the topic of the room that the user is in.
    fn may_write(&self, user: &User, write: &Write<Chat>) -> Result<(), Denied> {
        let members = self.members.lock().unwrap();
        let room = members.get(user).and_then(|member| member.room.as_ref()).ok_or(Denied)?;
        if write.is_within(Chat::PATHS.rooms.key(room.as_str())) { Ok(()) } else { Err(Denied) }
    }

    /// Moves the lines of a user into the room.
    fn say(&self, user: &User) {
        let Some(me) = self.store_of(user) else { return };
        let lines = me.take(Me::PATHS.outbox);
        let room = me.get(Me::PATHS.room);
        for text in lines {
            let by = user.0.to_string();
            // The room of a line exists, since the user's store was checked.
            let _said = self.chat.update_at(path!(Chat.rooms[&*room].said), move |said| {
                let id = said.last().map_or(1, |last| last.id + 1);
                said.push(Said { id, by, text });
                said.drain(..said.len().saturating_sub(LINES));
            });
        }
    }

    /// Shows a user in the room where the user is, and in no other room.
    fn show(&self, user: &User) {
        let Some(me) = self.store_of(user) else { return };
        let (room, typing) = me.read(|me| (me.room.clone(), me.typing));
        let before = self.set_room(user, Some(room.clone()));
        if before.as_ref().is_some_and(|before| *before != room) {
            self.remove(user, before);
        }
        let present = path!(Chat.rooms[room].present);
        let _room = self.chat.insert(present, user.0.to_string(), Presence { typing });
    }

    fn beat(&self, user: &User) {
        if let Some(member) = self.members.lock().unwrap().get_mut(user) {
            member.heard = Instant::now();
        }
        self.show(user);
    }

    fn hide(&self, user: &User) {
        let before = self.set_room(user, None);
        self.remove(user, before);
    }

    fn remove(&self, user: &User, room: Option<String>) {
        if let Some(room) = room {
            let present = path!(Chat.rooms[room].present);
            let _room = self.chat.remove(present, &*user.0);
        }
    }

    /// Sets the room that shows the user; returns the one before.
    fn set_room(&self, user: &User, room: Option<String>) -> Option<String> {
        let mut members = self.members.lock().unwrap();
        members.get_mut(user).and_then(|member| std::mem::replace(&mut member.room, room))
    }

    fn store_of(&self, user: &User) -> Option<Published<Me>> {
        self.members.lock().unwrap().get(user).map(|member| member.me.clone())
    }
}
