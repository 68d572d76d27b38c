//! The printed text of a path leads to the path's place.

use std::fmt::{Debug, Display};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json, to_value};
use sprag::__private::Walk as _;
use sprag::path::Place;
use sprag::prelude::*;

use super::domain::{Address, Folder, Media, Metres, Playback, Point, Track, Tv, User, full, tv};

/// Reads and writes `place` by its text; `other` differs from the present value.
fn agree<P>(place: P, other: P::Value)
where
    P: Place<Tv> + Clone + Display,
    P::Value: Serialize + Clone + PartialEq + Debug,
{
    let (tv, path) = (tv(), place.to_string());
    let typed = || place.clone().__walk().get(&tv.snapshot()).cloned();
    let before = typed().expect("the full state has every place");
    assert_ne!(before, other, "{path}");
    assert_eq!(tv.get_value(&path).unwrap(), to_value(&before).unwrap(), "{path}");

    tv.set_value(&path, to_value(&other).unwrap()).unwrap();

    assert_eq!(typed(), Some(other), "{path}");
    assert_eq!(tv.version(), 1, "{path}");
    tv.update(|tv| *place.clone().__walk().get_mut(tv, &mut Default::default()).unwrap() = before);
    assert_eq!(*tv.snapshot(), full(), "{path} and nothing else was written");
}

#[test]
fn every_static_path_is_found_by_its_text() {
    let tv = Tv::PATHS;
    agree(tv.playback.path(), Playback::default());
    agree(tv.playback.url, None);
    agree(tv.playback.position, 6);
    agree(tv.casting, false);
    agree(tv.current, None);
    agree(tv.current.some().title, "Dune".to_owned());
    agree(tv.current.some().seconds, 1);
    agree(tv.users, Default::default());
    agree(tv.labels, Default::default());
    agree(tv.named, Default::default());
    agree(tv.queue, vec![]);
    agree(tv.recent, [9].into());
    agree(tv.media.path(), Media::Idle);
    agree(tv.media.playing.url, "/n".to_owned());
    agree(tv.media.playing.at.path(), Playback::default());
    agree(tv.media.playing.at.url, Some("/o".to_owned()));
    agree(tv.media.playing.at.position, 4);
    agree(tv.point.path(), Point(0, 0));
    agree(tv.point.0, 2);
    agree(tv.point.1, 2);
    agree(tv.metres.path(), Metres(0));
    agree(tv.metres.0, 2);
    agree(tv.folder.path(), Folder::default());
    agree(tv.folder.name, "top".to_owned());
    agree(tv.folder.inner, None);
    agree(tv.folder.folders, vec![]);
    agree(tv.pair, (2, "q".to_owned()));
    agree(tv.fixed, [0, 0]);
}

#[test]
fn every_keyed_path_is_found_by_its_text() {
    let tv = Tv::PATHS;
    agree(tv.users.key(7), User::default());
    agree(tv.users.key(7).then(User::PATHS.name), "eve".to_owned());
    let city = User::PATHS.addresses.at(0).then(Address::PATHS.city);
    agree(tv.users.key(9).then(city), "Kyoto".to_owned());
    agree(tv.labels.key("a"), "x".to_owned());
    agree(tv.labels.key("a.b"), "x".to_owned());
    agree(tv.named.key("ann").then(User::PATHS.name), "eve".to_owned());
    agree(tv.queue.at(1), Track::default());
    agree(tv.queue.at(1).then(Track::PATHS.title), "Dune".to_owned());
    agree(tv.recent.at(2), 9);
    agree(tv.fixed.at(1), 1);
    let inner = tv.folder.inner.some().deref();
    agree(inner, Folder::default());
    agree(inner.then(Folder::PATHS.name), "deep".to_owned());
    agree(tv.folder.folders.at(1).then(Folder::PATHS.name), "z".to_owned());
}

#[test]
fn the_other_variants_are_found_too() {
    for (media, path, was) in [
        (Media::Failed("f".into(), 3), "media.failed.0", json!("f")),
        (Media::Failed("f".into(), 3), "media.failed.1", json!(3)),
        (Media::Live(Track::default()), "media.live.0", json!({ "title": "", "seconds": 0 })),
        (Media::Live(Track::default()), "media.live.0.seconds", json!(0)),
    ] {
        let tv = tv();
        tv.set(Tv::PATHS.media, media);
        assert_eq!(tv.get_value(path).unwrap(), was, "{path}");
    }
    let tv = tv();
    tv.set(Tv::PATHS.media, Media::Live(Track::default()));
    tv.set_value("media.live.0.seconds", json!(4)).unwrap();
    assert_eq!(tv.get(Tv::PATHS.media.live.0.seconds), Some(4));
}

#[test]
fn the_text_of_an_address_is_read_as_the_address() {
    for text in ["", "users.7.name", "labels.\"a.b\""] {
        let read: sprag::path::Address = text.parse().unwrap();
        assert_eq!(read, sprag::path::Address::parse(text).unwrap());
        assert_eq!(read.to_string(), text);
    }
    assert!("\"".parse::<sprag::path::Address>().unwrap_err().is_syntax());
}

#[test]
fn the_empty_text_is_the_root() {
    let tv = create_model("tv", Tv::default());
    assert_eq!(tv.get_value("").unwrap(), to_value(Tv::default()).unwrap());
    tv.set_value("", to_value(full()).unwrap()).unwrap();
    assert_eq!(*tv.snapshot(), full());
}

#[test]
fn boxes_are_ways_and_no_names() {
    let tv = tv();
    assert_eq!(tv.get_value("folder.inner.name").unwrap(), json!("in"));
    tv.set_value("folder.inner.name", json!("deep")).unwrap();
    assert_eq!(tv.snapshot().folder.inner.as_ref().unwrap().name, "deep");
    assert_eq!(tv.get_value("folder.inner.inner").unwrap(), Value::Null);
}

#[test]
fn a_missing_key_is_inserted_by_a_write_and_an_error_for_a_read() {
    let tv = tv();
    assert!(tv.get_value("users.8").is_err());
    tv.set_value("users.8", json!({ "name": "eve" })).unwrap();
    assert_eq!(tv.get(Tv::PATHS.users.key(8)).unwrap().name, "eve");

    tv.set_value("labels.\"x.y\"", json!("z")).unwrap();
    assert_eq!(tv.get(Tv::PATHS.labels.key("x.y")).unwrap(), "z");

    tv.patch_value("users.11", json!({ "name": "joe" })).unwrap();
    assert_eq!(tv.get(Tv::PATHS.users.key(11)).unwrap().name, "joe");
    assert_eq!(tv.version(), 3);
}

#[test]
fn d0_a_key_with_a_dot_needs_quotes() {
    let tv = tv();
    assert_eq!(tv.get_value("labels.a").unwrap(), json!("1"));
    assert_eq!(tv.get_value("labels.\"a.b\"").unwrap(), json!("2"));
    assert!(tv.get_value("labels.a.b").is_err());
    tv.insert(Tv::PATHS.named, "ann.name", User::default());
    assert_eq!(tv.get_value("named.\"ann.name\".name").unwrap(), json!(""));
    assert_eq!(tv.get_value("named.ann.name").unwrap(), json!("Ann"));
    assert_eq!(tv.get_value("named.ann.addresses.0.city").unwrap(), json!("Bonn"));
}

#[test]
fn patches_merge_at_any_place() {
    let tv = tv();
    tv.patch_value("", json!({ "playback": { "position": 9 }, "users": { "7": null } })).unwrap();
    assert_eq!(tv.get(Tv::PATHS.playback), Playback { url: Some("/a".into()), position: 9 });
    assert_eq!(tv.snapshot().users.keys().copied().collect::<Vec<_>>(), [9]);

    tv.patch_value("users.9.addresses.0", json!({ "city": "Bergen" })).unwrap();
    assert_eq!(tv.get_value("users.9.addresses.0.city").unwrap(), json!("Bergen"));
    assert_eq!(tv.get_value("users.9.name").unwrap(), json!("bob"));

    tv.patch_value("current", Value::Null).unwrap();
    assert_eq!(tv.get(Tv::PATHS.current), None);
    assert_eq!(tv.version(), 3);
}

#[test]
fn stores_have_places_by_text_too() {
    let store = create_store("tv", full());
    assert_eq!(store.get_value("users.7.addresses.0.city").unwrap(), json!("Rome"));
    store.set_value("playback.position", json!(8)).unwrap();
    store.patch_value("playback", json!({ "url": null })).unwrap();
    assert_eq!(store.get().playback, Playback { url: None, position: 8 });
    assert_eq!(store.version(), 2);
    assert_eq!(store.describe().children.len(), 14);
}

#[test]
fn d0_a_rename_in_two_attributes_and_one_beside_a_flattened_field_are_the_names() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Tags {
        tags: Vec<String>,
        #[serde(rename(serialize = "written"))]
        #[serde(rename(deserialize = "read"))]
        #[serde(default)]
        count: u8,
    }
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Post {
        title: String,
        #[serde(flatten, rename = "tagList")]
        list: Tags,
        #[serde(default)]
        #[serde(rename = "likes-so-far")]
        #[serde(skip_serializing_if = "is_zero")]
        likes: u8,
    }
    fn is_zero(number: &u8) -> bool {
        *number == 0
    }
    let post = create_model("post", Post::default());

    assert_eq!(post.get_value("").unwrap(), json!({"title": "", "tags": [], "written": 0}));
    assert_eq!(Post::PATHS.list.tags.to_string(), "tags");
    assert_eq!(post.get_value("written").unwrap(), 0);
    post.set_value("tags", json!(["a"])).unwrap();
    assert_eq!(post.snapshot().list.tags, ["a"]);
    post.set_value("likes-so-far", json!(3)).unwrap();
    assert_eq!(post.get_value("likes-so-far").unwrap(), 3);
    post.set_value("likes-so-far", json!(0)).unwrap();
    assert_eq!(post.get_value("likes-so-far").unwrap(), json!(null), "serde leaves it out");
}
