//! A write by text is a commit like any other: the notified subscribers and the changes that
//! they receive.

use std::sync::{Arc, Mutex};

use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;
use sprag::prelude::*;

use super::domain::{Folder, Tv, User, tv};

#[test]
fn i6_only_subscribers_whose_value_changed_are_notified() {
    let tv = tv();
    let told = Arc::new(Mutex::new(Vec::new()));
    let watch = |name: &'static str| {
        let told = Arc::clone(&told);
        move || told.lock().unwrap().push(name)
    };
    let (root, playback, url) = (watch("root"), watch("playback"), watch("url"));
    let (position, ann, bob, users) =
        (watch("position"), watch("ann"), watch("bob"), watch("users"));
    let (closure, queue) = (watch("closure"), watch("queue"));
    let (keys, inner) = (watch("keys"), watch("inner"));
    let name = Folder::PATHS.name;
    let _subscriptions = [
        tv.subscribe(Tv::PATHS, move |_, _| root()),
        tv.subscribe(Tv::PATHS.playback, move |_, _| playback()),
        tv.subscribe(Tv::PATHS.playback.url, move |_, _| url()),
        tv.subscribe(Tv::PATHS.playback.position, move |_, _| position()),
        tv.subscribe(Tv::PATHS.users, move |_, _| users()),
        tv.subscribe(Tv::PATHS.users.key(7).then(User::PATHS.name), move |_, _| ann()),
        tv.subscribe(Tv::PATHS.users.key(9).then(User::PATHS.name), move |_, _| bob()),
        tv.subscribe(|tv: &Tv| tv.playback.position, move |_, _| closure()),
        tv.subscribe(Tv::PATHS.queue.at(0), move |_, _| queue()),
        tv.subscribe(Tv::PATHS.users.keys(), move |_, _| keys()),
        tv.subscribe(Tv::PATHS.folder.inner.some().deref().then(name), move |_, _| inner()),
    ];
    let heard = |path: &str, value| {
        tv.set_value(path, value).unwrap();
        let mut names = std::mem::take(&mut *told.lock().unwrap());
        names.sort_unstable();
        names
    };

    assert_eq!(heard("playback.url", json!("/b")), ["playback", "root", "url"]);
    assert_eq!(heard("playback.url", json!("/b")), [""; 0], "an equal value");
    let both = json!({ "url": "/b", "position": 6 });
    assert_eq!(heard("playback", both), ["closure", "playback", "position", "root"]);
    assert_eq!(heard("users.9.name", json!("rob")), ["bob", "root", "users"]);
    assert_eq!(heard("users.12", json!({ "name": "x" })), ["keys", "root", "users"]);
    assert_eq!(heard("users.7.addresses.0.city", json!("Pisa")), ["root", "users"]);
    let fewer = json!({ "9": { "name": "rob" } });
    assert_eq!(heard("users", fewer), ["ann", "keys", "root", "users"]);
    assert_eq!(heard("queue.0.title", json!("z")), ["queue", "root"]);
    assert_eq!(heard("queue.1.title", json!("z")), ["root"]);
    assert_eq!(heard("folder.inner.name", json!("z")), ["inner", "root"]);
    assert_eq!(heard("folder.name", json!("z")), ["root"]);
    assert_eq!(tv.version(), 11);
}

#[test]
fn i6_an_equal_value_calls_nobody_whatever_holds_it() {
    #[derive(Model, Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Held {
        boxed: Box<User>,
        maybe: Option<Box<User>>,
        #[allow(clippy::vec_box, reason = "users may have them")]
        list: Vec<Box<User>>,
        map: std::collections::BTreeMap<String, Option<User>>,
        pair: (User, u8),
    }

    let user = || super::domain::user("ann", "Rome");
    let held = Held {
        boxed: Box::new(user()),
        maybe: Some(Box::new(user())),
        list: vec![Box::new(user())],
        map: [("a".to_owned(), Some(user())), ("b".to_owned(), None)].into(),
        pair: (user(), 1),
    };
    let model = create_model("held", held.clone());
    let (sender, told) = std::sync::mpsc::channel();
    let _told = model.subscribe(Held::PATHS, move |_, change| {
        sender.send(change.version()).unwrap();
    });
    let state = serde_json::to_value(&held).unwrap();
    for place in ["boxed", "maybe", "list", "list.0", "map", "map.a", "map.b", "pair", ""] {
        let value = model.get_value(place).unwrap();
        model.set_value(place, value).unwrap();
        assert_eq!(told.try_iter().count(), 0, "{place}");
    }
    for (place, value) in [
        ("boxed", json!({ "name": "bob" })),
        ("maybe", json!(null)),
        ("list.0", json!({ "name": "bob" })),
        ("map.a", json!(null)),
        ("map.b", state["boxed"].clone()),
        ("pair", json!([{ "name": "bob" }, 1])),
    ] {
        model.set_value(place, value).unwrap();
        assert_eq!(told.try_iter().count(), 1, "{place}");
    }
}

#[test]
fn d10_a_write_by_text_calls_for_the_entries_that_it_writes() {
    let tv = tv();
    let told = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&told);
    let names = Tv::PATHS.users.each().then(User::PATHS.name);
    let _subscription = tv.subscribe(names, move |(id, name), _| {
        log.lock().unwrap().push((*id, name.cloned().unwrap_or_default()));
    });
    let heard = |path: &str, patch| {
        tv.patch_value(path, patch).unwrap();
        std::mem::take(&mut *told.lock().unwrap())
    };

    assert_eq!(heard("users.9.name", json!("rob")), [(9, "rob".to_owned())]);
    assert_eq!(heard("users.9.addresses", json!([])), []);
    assert_eq!(heard("users.12", json!({ "name": "cyd" })), [(12, "cyd".to_owned())]);
    assert_eq!(heard("users", json!({ "7": null })), [(7, String::new())]);
    assert_eq!(heard("users", json!({ "9": { "name": "bob" } })), [(9, "bob".to_owned())]);
}

#[test]
fn changes_say_which_place_was_written() {
    let tv = tv();
    let mut changes = tv.changes();
    tv.set_value("playback.position", json!(6)).unwrap();
    tv.set_value("users.9.addresses.0.city", json!("Bergen")).unwrap();
    tv.set_value("labels.\"a.b\"", json!("3")).unwrap();
    tv.set_value("folder.inner.name", json!("deep")).unwrap();
    tv.patch_value("", json!({ "casting": false })).unwrap();

    let mut written = Vec::new();
    while let Some(Some(commit)) = changes.next().now_or_never() {
        let commit = commit.unwrap();
        let [change] = commit.changes().collect::<Vec<_>>().try_into().unwrap();
        let json = change.json().unwrap();
        written.push((commit.version(), change.path(), (!json.is_object()).then_some(json)));
        if change.path() == "playback.position" {
            assert_eq!(change.value(), Some(&6u64));
        }
    }
    let expected = [
        (1, "playback.position", Some(json!(6))),
        (2, "users.9.addresses.0.city", Some(json!("Bergen"))),
        (3, "labels.\"a.b\"", Some(json!("3"))),
        (4, "folder.inner.name", Some(json!("deep"))),
        (5, "casting", Some(json!(false))),
    ];
    assert_eq!(written, expected.map(|(version, path, json)| (version, path.to_owned(), json)));
}

#[test]
fn i4_a_write_by_text_in_a_callback_comes_after_the_round() {
    let tv = tv();
    let order = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&order);
    let _s = tv.subscribe(Tv::PATHS.playback.position, move |&position, change| {
        if position < 9 {
            change.model().set_value("playback.position", json!(position + 1)).unwrap();
        }
        seen.lock().unwrap().push((change.version(), position));
    });
    tv.set_value("playback.position", json!(7)).unwrap();
    assert_eq!(*order.lock().unwrap(), [(1, 7), (2, 8), (3, 9)]);
}

#[test]
#[should_panic(expected = "`tv`")]
fn i2_a_write_by_text_inside_an_update_panics_with_the_name() {
    let tv = tv();
    tv.update(|_| tv.set_value("casting", json!(false)).unwrap());
}
