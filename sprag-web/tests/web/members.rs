//! W1, W3, W5: members of sets, added and deleted one by one, with the rights of their set.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Stores, store};

use crate::live::epoch;
use crate::support::Server;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Song {
    #[model(browser = "write")]
    tags: HashSet<String>,
    #[model(browser = "write")]
    years: BTreeSet<u32>,
    seen: BTreeSet<u32>,
    #[model(browser = "never")]
    hidden: BTreeSet<u32>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Club {
    #[model(browser = "write")]
    users: BTreeSet<User>,
}

#[derive(
    Model, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
struct User {
    name: String,
    #[serde(default)]
    #[model(browser = "never")]
    key: String,
}

/// Sends `ops` as the write with the number `n`; returns the kind of the refusal, if any.
async fn write(server: &Server, epoch: &str, n: u64, ops: Value, conditions: Value) -> Value {
    let sent = json!({ "n": n, "ops": ops, "if": conditions });
    let batch = json!({ "e": epoch, "t": "page", "m": [sent] });
    let (_, answer) = server.post("tv", &batch).await;
    answer["r"][0]["err"].clone()
}

#[tokio::test]
async fn w5_a_member_is_written_with_the_rights_of_its_set() {
    let model = store("tv", Song { seen: [7].into(), hidden: [8].into(), ..Song::default() });
    let server = Server::start(Stores::new().add(&model)).await;
    let epoch = epoch(&server).await;
    let mut events = server.stream("s=tv").await;
    events.expect("snap").await;
    let none = json!([]);
    let mut n = 0;
    for (ops, conditions, err) in [
        (json!([["+", ["tags", ["rock"]]]]), &none, Value::Null),
        (json!([["+", ["tags", ["rock"]]]]), &none, Value::Null),
        (json!([["+", ["years", [2001]]]]), &none, Value::Null),
        (json!([["+", ["years", [1999]]]]), &json!([[["years", [2001]], 2001]]), Value::Null),
        (json!([["-", ["years", [2001]]]]), &json!([[["years", [2001]]]]), json!("conflict")),
        (json!([["-", ["tags", ["jazz"]]]]), &none, Value::Null),
        (json!([["+", ["years", ["soon"]]]]), &none, json!("type")),
        (json!([["+", ["seen", [9]]]]), &none, json!("readonly")),
        (json!([["-", ["seen", [7]]]]), &none, json!("readonly")),
        (json!([["+", ["hidden", [9]]]]), &none, json!("place")),
        (json!([["-", ["hidden", [8]]]]), &none, json!("place")),
        (json!([["=", ["years", [1999]], 1999]]), &none, json!("place")),
    ] {
        n += 1;
        let found = write(&server, &epoch, n, ops.clone(), conditions.clone()).await;
        assert_eq!(found, err, "{ops}");
    }
    let state = model.snapshot();
    assert_eq!((state.tags.len(), &state.years), (1, &[1999, 2001].into()));
    assert_eq!((&state.seen, &state.hidden), (&[7].into(), &[8].into()));
    let mut ops = Vec::new();
    while ops.len() < 4 {
        ops.push(events.expect("change").await["ops"].take());
    }
    assert_eq!(ops[0], json!([["+", ["tags", ["rock"]]]]));
    assert_eq!(ops[1], json!([]), "the member was there");
    assert_eq!(ops[3], json!([["+", ["years", [1999]], [2001]]]));
}

#[tokio::test]
async fn w5_a_member_with_a_hidden_place_is_not_written_and_not_sent() {
    let user = |name: &str, key: &str| User { name: name.into(), key: key.into() };
    let model = store("tv", Club { users: [user("ann", "SECRET-ann")].into() });
    let server = Server::start(Stores::new().add(&model)).await;
    let epoch = epoch(&server).await;
    let mut events = server.stream("s=tv").await;
    assert_eq!(events.expect("snap").await["state"], json!({ "users": [{ "name": "ann" }] }));
    for (n, op) in [(1, "+"), (2, "-")] {
        let ops = json!([[op, ["users", [{ "name": "ann", "key": "SECRET-ann" }]]]]);
        assert_eq!(write(&server, &epoch, n, ops, json!([])).await, json!("hidden below"));
    }
    model.update(|club| _ = club.users.insert(user("bob", "SECRET-bob")));
    let sent = events.expect("snap").await;
    assert_eq!(sent["state"], json!({ "users": [{ "name": "ann" }, { "name": "bob" }] }));
}

#[tokio::test]
async fn w5_a_page_follows_a_set_and_not_one_member() {
    let model = store("tv", Song { tags: ["rock".to_owned()].into(), ..Song::default() });
    let server = Server::start(Stores::new().add(&model)).await;
    for (place, why) in [
        (r#"[["tags",["rock"]]]"#, "a member of a set cannot be followed"),
        (r#"[["tags",["jazz"]]]"#, "a member of a set cannot be followed"),
        ("tags.rock", "a member of a set cannot be followed"),
        (r#"[["hidden",[8]]]"#, "there is no such place"),
    ] {
        let place = place.replace('"', "%22").replace('[', "%5B").replace(']', "%5D");
        let response = server.get(&format!("/sprag/live?s=tv&at={place}")).await;
        let (status, answer) = crate::support::answer(response).await;
        assert_eq!(status, 403, "{place}");
        assert!(answer["why"].as_str().unwrap().contains(why), "{place}: {answer}");
    }
    let mut events = server.stream("s=tv&as=tags&at=tags").await;
    assert_eq!(events.expect("snap").await["state"], json!({ "tags": ["rock"] }));
    model.update(|song| _ = song.tags.insert("jazz".to_owned()));
    assert_eq!(events.expect("change").await["ops"], json!([["+", ["tags", ["jazz"]]]]));
}

#[test]
#[should_panic = "no page can show `tags.rock` of `tv`: a member of a set cannot be followed"]
fn w5_the_server_hydrates_no_member_of_a_set() {
    let _ = store("tv", Song::default()).at(Song::PATHS.tags.key("rock"));
}
