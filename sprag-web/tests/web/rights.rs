//! W5: places that browsers never see are in no sent byte, and keep their values.

use std::collections::BTreeMap;
use std::time::Duration;

use http_body_util::BodyExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Stores, store};
use test_support::within;

use crate::live::epoch;
use crate::support::Server;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct House {
    #[model(browser = "write")]
    name: String,
    size: u8,
    #[serde(default)]
    #[model(browser = "never")]
    pub(crate) alarm: String,
    #[model(browser = "write")]
    rooms: BTreeMap<String, Room>,
    #[model(browser = "write")]
    pub(crate) users: Vec<User>,
    #[model(browser = "write")]
    door: Door,
    #[model(browser = "write")]
    owner: User,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Room {
    topic: String,
    #[serde(default)]
    #[model(browser = "never")]
    code: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    name: String,
    #[serde(default)]
    #[model(browser = "never")]
    key: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) enum Door {
    #[default]
    Open,
    Locked {
        by: String,
        #[serde(default)]
        #[model(browser = "never")]
        pin: String,
    },
}

pub(crate) fn user(name: &str, key: &str) -> User {
    User { name: name.into(), key: key.into() }
}

pub(crate) fn house() -> House {
    House {
        alarm: "SECRET-alarm".into(),
        rooms: [("attic".into(), Room { topic: "dust".into(), code: "SECRET-attic".into() })]
            .into(),
        users: vec![user("ada", "SECRET-ada"), user("bob", "SECRET-bob")],
        door: Door::Locked { by: "ada".into(), pin: "SECRET-pin".into() },
        owner: user("eve", "SECRET-eve"),
        ..House::default()
    }
}

#[tokio::test]
async fn w5_a_hidden_place_is_in_no_state_and_in_no_frame() {
    let model = store("tv", house());
    let server = Server::start(Stores::new().add(&model)).await;
    let mut events = server.stream("s=tv").await;
    let snap = events.expect("snap").await;
    let shown = json!({
        "name": "", "size": 0,
        "rooms": { "attic": { "topic": "dust" } },
        "users": [{ "name": "ada" }, { "name": "bob" }],
        "door": { "Locked": { "by": "ada" } },
        "owner": { "name": "eve" },
    });
    assert_eq!(snap["state"], shown);
    model.set(House::PATHS.alarm, "SECRET-2".into());
    assert_eq!(events.expect("change").await["ops"], json!([]));
    model.push(House::PATHS.users, user("dan", "SECRET-dan"));
    let ops = json!([["+", ["users", 2], { "name": "dan" }]]);
    assert_eq!(events.expect("change").await["ops"], ops);
    model.set(House::PATHS.owner.key, "SECRET-3".into());
    assert_eq!(events.expect("change").await["ops"], json!([]));
    model.set(House::PATHS.door, Door::Locked { by: "bob".into(), pin: "SECRET-4".into() });
    let ops = json!([["=", ["door"], { "Locked": { "by": "bob" } }]]);
    assert_eq!(events.expect("change").await["ops"], ops);
}

#[tokio::test]
async fn w5_a_write_is_allowed_where_the_type_says_so_and_drops_no_secret() {
    let model = store("tv", house());
    let server = Server::start(Stores::new().add(&model)).await;
    let epoch = epoch(&server).await;
    let refused = [
        (json!([["=", ["size"], 1]]), "readonly"),
        (json!([["=", [], {}]]), "readonly"),
        (json!([["=", ["alarm"], "x"]]), "place"),
        (json!([["=", ["users", 0, "key"], "x"]]), "place"),
        (json!([["=", ["users"], []]]), "hidden below"),
        (json!([["=", ["users", 0], { "name": "x" }]]), "hidden below"),
        (json!([["=", ["rooms", "attic"], { "topic": "x" }]]), "hidden below"),
        (json!([["=", ["door"], "Open"]]), "hidden below"),
        (json!([["+", ["users", "-"], { "name": "x", "key": "forged" }]]), "place"),
        (json!([["=", ["owner"], { "name": "x", "key": "forged" }]]), "place"),
    ];
    for (n, (ops, err)) in (1..).zip(&refused) {
        let answer = server.write(&epoch, "p", n, std::slice::from_ref(ops)).await;
        assert_eq!(answer[0]["err"], *err, "{ops}: {answer}");
    }
    assert_eq!((model.version(), &*model.snapshot()), (0, &house()));
    let made = [
        json!([["=", ["name"], "home"]]),
        json!([["+", ["users", 0], { "name": "new" }]]),
        json!([["-", ["users", 1]]]),
        json!([["=", ["rooms", "attic", "topic"], "light"]]),
        json!([["+", ["rooms", "hall"], { "topic": "in" }]]),
        json!([["=", ["owner"], { "name": "zoe" }]]),
    ];
    let answers = server.write(&epoch, "q", 1, &made).await;
    assert!((0..made.len()).all(|at| answers[at]["err"].is_null()), "{answers}");
    let after = model.snapshot();
    assert_eq!(after.users, [user("new", ""), user("bob", "SECRET-bob")]);
    assert_eq!(after.owner, user("zoe", "SECRET-eve"));
    assert_eq!(after.rooms["attic"], Room { topic: "light".into(), code: "SECRET-attic".into() });
}

#[tokio::test]
async fn w5_a_condition_tells_nothing_of_a_hidden_place() {
    let model = store("tv", house());
    let server = Server::start(Stores::new().add(&model)).await;
    let epoch = epoch(&server).await;
    let conditions = [
        (json!([[["alarm"], "SECRET-alarm"]]), Some("conflict")),
        (json!([[["alarm"], "other"]]), Some("conflict")),
        (json!([[["nothing"], "other"]]), Some("conflict")),
        (json!([[["alarm"]]]), None),
        (json!([[["nothing"]]]), None),
        (json!([[["users", 0], { "name": "ada" }]]), None),
    ];
    for (n, (condition, err)) in (1..).zip(&conditions) {
        let write = json!({ "n": n, "ops": [["=", ["name"], "x"]], "if": condition });
        let (_, answer) = server.post("tv", &json!({ "e": epoch, "t": "p", "m": [write] })).await;
        assert_eq!(answer["r"][0]["err"].as_str(), *err, "{condition}");
    }
}

/// One write of the server's or of a browser's.
#[derive(Clone, Debug)]
enum Step {
    Push(String),
    Remove(usize),
    Swap,
    Replace(String),
    Room(String),
    Door(bool),
    Browser(Value),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || "[a-c]{1,2}";
    let place = prop_oneof![
        Just(json!(["users"])),
        Just(json!(["users", 0])),
        Just(json!(["users", 0, "key"])),
        Just(json!(["users", "-"])),
        Just(json!(["rooms", "a"])),
        Just(json!(["owner"])),
        Just(json!(["door"])),
        Just(json!(["alarm"])),
        Just(json!([])),
        Just(json!(["name"])),
    ];
    let value = prop_oneof![
        Just(json!({ "name": "x" })),
        Just(json!([{ "name": "x" }])),
        Just(json!("x")),
        Just(json!({ "topic": "x" })),
        Just(json!({ "name": "x", "key": "forged" })),
    ];
    let kind = prop_oneof![Just("="), Just("+"), Just("-")];
    let browser = (kind, place, value).prop_map(|(kind, place, value)| match kind {
        "-" => json!([["-", place]]),
        kind => json!([[kind, place, value]]),
    });
    let step = prop_oneof![
        name().prop_map(Step::Push),
        (0..4_usize).prop_map(Step::Remove),
        Just(Step::Swap),
        name().prop_map(Step::Replace),
        name().prop_map(Step::Room),
        any::<bool>().prop_map(Step::Door),
        browser.prop_map(Step::Browser),
    ];
    prop::collection::vec(step, 1..12)
}

fn server_step(model: &Model<House>, step: &Step) {
    let secret = |name: &str| format!("SECRET-{name}");
    match step {
        Step::Push(name) => {
            model.push(House::PATHS.users, user(name, &secret(name)));
        }
        Step::Remove(at) => model.update(|house| {
            if *at < house.users.len() {
                house.users.remove(*at);
            }
        }),
        Step::Swap => model.update(|house| house.users.reverse()),
        Step::Replace(name) => {
            model.set(House::PATHS.owner, user(name, &secret(name)));
        }
        Step::Room(name) => {
            let room = Room { topic: name.clone(), code: secret(name) };
            model.insert(House::PATHS.rooms, name.clone(), room);
        }
        Step::Door(open) => {
            let locked = Door::Locked { by: "x".into(), pin: secret("pin") };
            model.set(House::PATHS.door, if *open { Door::Open } else { locked });
        }
        Step::Browser(_) => {}
    }
}

/// Whether each element has the secret that it came with, or none.
fn each_keeps_its_own(house: &House) -> bool {
    let own = |name: &str, key: &str| key.is_empty() || key == format!("SECRET-{name}");
    // A browser's only renames here are writes that keep the secret.
    let users = house.users.iter().all(|user| user.name == "x" || own(&user.name, &user.key));
    let forged = house.users.iter().chain([&house.owner]).any(|user| user.key == "forged");
    users && !forged && house.alarm == "SECRET-alarm"
}

#[test]
fn w5_whatever_is_written_no_byte_that_leaves_has_a_secret_and_each_keeps_its_own() {
    within(Duration::from_secs(300), || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut runner =
            TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
        runner
            .run(&steps(), |steps| {
                runtime.block_on(run(steps));
                Ok(())
            })
            .unwrap();
    });
}

async fn run(steps: Vec<Step>) {
    let model = store("tv", house());
    let server = Server::start(Stores::new().add(&model)).await;
    let epoch = epoch(&server).await;
    let mut events = server.stream(&format!("s=tv@{epoch}.0")).await;
    let mut left = String::new();
    for (n, step) in (1..).zip(&steps) {
        server_step(&model, step);
        let Step::Browser(ops) = step else { continue };
        let batch = json!({ "e": epoch, "t": format!("page{n}"), "m": [{ "n": 1, "ops": ops }] });
        left += &server.post("tv", &batch).await.1.to_string();
    }
    let version = model.version();
    let mut seen = 0;
    while seen < version {
        let (_, data) = events.next().await.expect("the stream goes on");
        left += &data.to_string();
        seen = data["to"].as_u64().or(data["v"].as_u64()).unwrap_or(seen);
    }
    left += &server.stream("s=tv").await.expect("snap").await.to_string();
    assert!(!left.contains("SECRET"), "{steps:?}\n{left}");
    assert!(each_keeps_its_own(&model.snapshot()), "{steps:?}\n{:?}", model.snapshot());
}

#[tokio::test]
async fn w5_a_page_is_hydrated_without_what_is_hidden() {
    let model = store("tv", house());
    let stores = Stores::new().add(&model);
    let page = {
        let model = model.clone();
        async move |live: sprag_web::Live| live.hydrate(&[&model]).await
    };
    let app = axum::Router::new().route("/", axum::routing::get(page));
    let server = Server::start_app(stores, app).await;
    let body = server.get("/").await.into_body().collect().await.unwrap().to_bytes();
    let html = std::str::from_utf8(&body).unwrap();
    assert!(html.contains("attic") && !html.contains("SECRET"), "{html}");
}

/// A name and a secret, which a manual `Serialize` writes under another name.
#[derive(Model, Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Talkative {
    pub(crate) name: String,
    #[serde(default)]
    #[model(browser = "never")]
    pub(crate) key: String,
}

impl Serialize for Talkative {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = BTreeMap::from([("name", &self.name), ("clé", &self.key)]);
        members.serialize(serializer)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Office {
    pub(crate) desks: Vec<Talkative>,
}

#[test]
#[should_panic = "cannot hide its `never` places: a value around a `never` place is written as an object"]
fn w5_a_type_whose_own_serialize_may_show_a_secret_is_no_store() {
    let _ = store("talkative", Talkative { name: "a".into(), key: "SECRET".into() });
}

#[tokio::test]
async fn w5_a_later_value_whose_own_serialize_may_show_a_secret_is_not_sent() {
    let office = store("office", Office::default());
    let server = Server::start(Stores::new().add(&office)).await;
    let mut events = server.stream("s=office").await;
    events.expect("snap").await;
    office.push(Office::PATHS.desks, Talkative { name: "a".into(), key: "SECRET".into() });
    let denied = events.expect("denied").await;
    assert!(!denied.to_string().contains("SECRET"), "{denied}");
    assert!(events.next().await.is_none());
}
