//! The state of these tests: every shape that a text path can pass through.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tv {
    pub(crate) playback: Playback,
    pub(crate) casting: bool,
    pub(crate) current: Option<Track>,
    pub(crate) users: BTreeMap<u32, User>,
    pub(crate) labels: HashMap<String, String>,
    pub(crate) named: BTreeMap<String, User>,
    pub(crate) queue: Vec<Track>,
    pub(crate) recent: VecDeque<u8>,
    pub(crate) media: Media,
    pub(crate) point: Point,
    pub(crate) metres: Metres,
    pub(crate) folder: Folder,
    pub(crate) pair: (u8, String),
    pub(crate) fixed: [u8; 2],
}

/// The playback.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Playback {
    /// The film's address.
    pub(crate) url: Option<String>,
    pub(crate) position: u64,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Track {
    pub(crate) title: String,
    pub(crate) seconds: u32,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) addresses: Vec<Address>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) city: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Media {
    #[default]
    Idle,
    Playing {
        url: String,
        at: Playback,
    },
    Failed(String, u8),
    Live(Track),
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point(pub(crate) i32, pub(crate) i32);

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Metres(pub(crate) u64);

/// A type that contains itself.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) inner: Option<Box<Folder>>,
    pub(crate) folders: Vec<Folder>,
}

pub(crate) fn user(name: &str, city: &str) -> User {
    User { name: name.into(), addresses: vec![Address { city: city.into() }] }
}

pub(crate) fn track(title: &str) -> Track {
    Track { title: title.into(), seconds: 60 }
}

pub(crate) fn folder(name: &str) -> Folder {
    Folder { name: name.into(), ..Folder::default() }
}

/// A state in which every place is present.
pub(crate) fn full() -> Tv {
    Tv {
        playback: Playback { url: Some("/a".into()), position: 5 },
        casting: true,
        current: Some(track("Alien")),
        users: BTreeMap::from([(7, user("ann", "Rome")), (9, user("bob", "Oslo"))]),
        labels: HashMap::from([("a".into(), "1".into()), ("a.b".into(), "2".into())]),
        named: BTreeMap::from([("ann".into(), user("Ann", "Bonn"))]),
        queue: vec![track("Brazil"), track("Cube")],
        recent: VecDeque::from([1, 2, 3]),
        media: Media::Playing { url: "/m".into(), at: Playback { url: None, position: 3 } },
        point: Point(1, -2),
        metres: Metres(4),
        folder: Folder {
            name: "root".into(),
            inner: Some(Box::new(folder("in"))),
            folders: vec![folder("x"), folder("y")],
        },
        pair: (1, "p".into()),
        fixed: [8, 9],
    }
}

pub(crate) fn tv() -> Model<Tv> {
    create_model("tv", full())
}
