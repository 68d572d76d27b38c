//! W2, W4, W5, W7: pages that show some places of a store.

use std::collections::BTreeMap;

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Live, Policy, Published, Stores, store};

use crate::support::{Events, Server};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
pub(crate) struct Room {
    pub(crate) title: String,
    lamp: Option<Lamp>,
    songs: Vec<String>,
    #[serde(default)]
    #[model(browser = "never")]
    code: String,
}

#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
enum Lamp {
    Off,
    Dimmed(u8),
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
pub(crate) struct House {
    pub(crate) rooms: BTreeMap<String, Room>,
    ticks: u64,
}

fn room(title: &str) -> Room {
    Room { title: title.into(), code: format!("secret of {title}"), ..Room::default() }
}

fn house() -> House {
    let rooms = ["a", "b", "c"].map(|name| (name.to_owned(), room(name)));
    House { rooms: rooms.into(), ticks: 0 }
}

pub(crate) async fn serve() -> (Server, Published<House>) {
    let house = store("house", house());
    (Server::start(Stores::new().add(&house)).await, house)
}

/// The query of a page that shows `places`.
fn query(places: &str) -> String {
    format!("s=house&at={}", places.replace('"', "%22").replace('[', "%5B").replace(']', "%5D"))
}

/// The shown part of a room with the title.
pub(crate) fn shown(title: &str) -> Value {
    json!({ "title": title, "lamp": null, "songs": [] })
}

#[tokio::test]
async fn w2_a_page_of_one_room_gets_the_commits_of_that_room_alone() {
    let (server, house) = serve().await;
    let mut events = server.stream("s=house&as=kitchen&at=rooms.a").await;
    let snap = events.expect("snap").await;
    assert_eq!((&snap["s"], &snap["v"]), (&json!("kitchen"), &json!(0)));
    assert_eq!(snap["state"], json!({ "rooms": { "a": shown("a") } }));
    let rooms = House::PATHS.rooms;
    house.set(rooms.key("b").then(Room::PATHS.title), "not sent".into()).unwrap();
    house.set(rooms.key("a").then(Room::PATHS.title), "sent".into()).unwrap();
    house
        .transaction(|tx| {
            tx.set(rooms.key("c").then(Room::PATHS.title), "not sent".into())?;
            tx.push(rooms.key("a").then(Room::PATHS.songs), "song".into())?;
            Ok::<_, sprag::error::Absent>(())
        })
        .unwrap();
    let expected = [
        (0, 2, json!([["=", ["rooms", "a", "title"], "sent"]])),
        (2, 3, json!([["+", ["rooms", "a", "songs", 0], "song"]])),
    ];
    for (from, to, ops) in expected {
        let change = events.expect("change").await;
        assert_eq!(change, json!({ "s": "kitchen", "from": from, "to": to, "ops": ops }));
    }
}

#[tokio::test]
async fn w2_a_write_above_the_places_is_narrowed_to_them() {
    let (server, house) = serve().await;
    let mut events = server.stream(&query(r#"[["rooms","a"],["rooms","b","title"]]"#)).await;
    events.expect("snap").await;
    let rooms = BTreeMap::from([("b".into(), room("new")), ("c".into(), room("other"))]);
    house.set(House::PATHS.rooms, rooms);
    let ops = json!([["=", ["rooms"], { "b": { "title": "new" } }]]);
    assert_eq!(events.expect("change").await["ops"], ops);
    house.insert(House::PATHS.rooms, "a", room("back"));
    let ops = json!([["+", ["rooms", "a"], shown("back")]]);
    assert_eq!(events.expect("change").await["ops"], ops);
    house.retain(House::PATHS.rooms, |(name, _)| name == "b");
    let ops = json!([["-", ["rooms", "a"]]]);
    assert_eq!(events.expect("change").await["ops"], ops);
}

#[tokio::test]
async fn w4_a_conflict_names_a_version_that_the_page_reaches() {
    let (server, house) = serve().await;
    let mut events = server.stream("s=house&at=rooms.a").await;
    let epoch = events.expect("snap").await["e"].as_str().expect("it is text").to_owned();
    for _ in 0..3 {
        house.update_at(House::PATHS.ticks, |ticks| *ticks += 1);
    }
    let write = json!({
        "n": 1, "if": [[["rooms", "a", "title"], "x"]], "ops": [["=", ["rooms", "a", "title"], "y"]],
    });
    let (_, answer) = server.post("house", &json!({ "e": epoch, "t": "page", "m": [write] })).await;
    assert_eq!((&answer["r"][0]["err"], &answer["r"][0]["v"]), (&json!("conflict"), &json!(3)));
    let (mut told, mut frames) = (0, 0);
    while told < 3 {
        let change = events.expect("change").await;
        assert_eq!((&change["from"], &change["ops"]), (&json!(told), &json!([])));
        told = change["to"].as_u64().expect("it is a version");
        frames += 1;
    }
    assert!(frames <= 2, "commits that are not for the page are told together");
}

#[tokio::test]
async fn w4_a_page_is_told_of_its_own_writes_wherever_they_are() {
    let (server, _house) = serve().await;
    let mut events = server.stream("s=house&at=rooms.a&t=page@0").await;
    for _greeting_and_snap in 0..2 {
        events.expect("acks").await;
    }
    let epoch = events.expect("snap").await["e"].as_str().expect("it is text").to_owned();
    let write = json!({ "n": 1, "ops": [["=", ["rooms", "b", "title"], "y"]] });
    server.post("house", &json!({ "e": epoch, "t": "page", "m": [write] })).await;
    let change = events.expect("change").await;
    assert_eq!((&change["by"], &change["ops"]), (&json!(["page", 1]), &json!([])));
}

#[tokio::test]
async fn w5_w8_a_place_that_no_page_can_show_is_refused() {
    let (server, _house) = serve().await;
    for (place, why) in [
        ("rooms.a.code", "there is no such place"),
        ("rooms.a.nothing", "there is no such place"),
        ("rooms.a.songs.0", "an element of a list"),
    ] {
        let response = server.get(&format!("/sprag/live?s=house&at={place}")).await;
        let (status, answer) = crate::support::answer(response).await;
        assert_eq!(status, 403, "{place}");
        assert!(answer["why"].as_str().unwrap().contains(why), "{answer}");
    }
    let malformed = server.get("/sprag/live?s=house&at=[7").await;
    assert_eq!(malformed.status(), 400);
    let many = vec!["at=ticks"; 1_001].join("&");
    assert_eq!(server.get(&format!("/sprag/live?s=house&{many}")).await.status(), 400);
}

#[test]
#[should_panic = "no page can show `rooms.a.songs.0` of `house`: an element of a list cannot be \
                  followed"]
fn w5_the_server_hydrates_no_place_that_the_page_cannot_follow() {
    let song = House::PATHS.rooms.key("a").then(Room::PATHS.songs).at(0);
    let _ = store("house", house()).at(song);
}

#[tokio::test]
async fn w5_the_places_of_a_store_follow_its_rights() {
    let house = store("house", house());
    let policy = Policy::new().visible(|(): &()| false);
    let server = Server::start(Stores::new().add_with(&house, policy)).await;
    assert_eq!(server.get("/sprag/live?s=house&at=ticks").await.status(), 403);
}

#[tokio::test]
async fn w3_a_page_is_hydrated_with_its_places() {
    let house = store("house", house());
    let stores = Stores::new().add(&house);
    let page = move |live: Live| async move {
        let places =
            house.at(House::PATHS.rooms.key("a").then(Room::PATHS.title)).and(House::PATHS.ticks);
        Html(live.hydrate(&[&places]).await)
    };
    let app = Router::new().route("/", get(page)).nest("/sprag", stores.router());
    let server = Server::start_app(stores, app).await;
    let body = server.get("/").await.into_body().collect().await.unwrap().to_bytes();
    let html = std::str::from_utf8(&body).unwrap();
    let json = html.split_once('>').unwrap().1.split_once("</script>").unwrap().0;
    let states: Value = serde_json::from_str(json).unwrap();
    assert_eq!(states[0]["at"], json!([["rooms", "a", "title"], ["ticks"]]));
    assert_eq!(states[0]["state"], json!({ "rooms": { "a": { "title": "a" } }, "ticks": 0 }));
}

#[tokio::test]
async fn w7_a_page_with_other_places_gets_a_state_that_is_not_older_than_its_own() {
    let (server, house) = serve().await;
    let mut first = server.stream("s=house&at=rooms.a").await;
    let epoch = first.expect("snap").await["e"].as_str().expect("it is text").to_owned();
    house.update_at(House::PATHS.ticks, |ticks| *ticks += 1);
    let query = format!("s=house@{epoch}.1&new=1&at=ticks");
    let snap = server.stream(&query).await.expect("snap").await;
    assert_eq!((&snap["v"], &snap["state"]), (&json!(1), &json!({ "ticks": 1 })));
    let mut same = server.stream(&format!("s=house@{epoch}.0&at=ticks")).await;
    let change = same.expect("change").await;
    assert_eq!((&change["from"], &change["to"]), (&json!(0), &json!(1)));
}

/// A page of some places that receives frames, and whose stream may be cut at any time.
struct Page {
    places: &'static str,
    state: Value,
    position: Option<(String, u64)>,
    events: Option<Events>,
}

impl Page {
    async fn open(&mut self, server: &Server) {
        let position = self.position.as_ref().map_or(String::new(), |(e, v)| format!("@{e}.{v}"));
        let query = query(self.places).replacen("s=house", &format!("s=house{position}"), 1);
        self.events = Some(server.stream(&query).await);
    }

    /// Receives frames up to the version `to`.
    async fn follow(&mut self, to: u64) {
        while self.position.as_ref().is_none_or(|(_, version)| *version < to) {
            let events = self.events.as_mut().expect("the stream is open");
            let (event, data) = events.next().await.expect("the stream goes on");
            let version = |name: &str| data[name].as_u64().expect("it is a version");
            match event.as_str() {
                "snap" => {
                    let epoch = data["e"].as_str().expect("it is text").to_owned();
                    (self.state, self.position) =
                        (data["state"].clone(), Some((epoch, version("v"))));
                }
                _ => {
                    let (_, at) = self.position.as_mut().expect("a state came first");
                    assert_eq!(version("from"), *at);
                    *at = version("to");
                    data["ops"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .for_each(|op| apply(&mut self.state, op));
                }
            }
        }
    }
}

/// Applies an op of the wire format to JSON.
fn apply(state: &mut Value, op: &Value) {
    let place = op[1].as_array().expect("a place is an array");
    let Some((last, above)) = place.split_last() else {
        *state = op[2].clone();
        return;
    };
    let owner = above.iter().fold(state, |value, part| match part {
        Value::Number(index) => &mut value[index.as_u64().unwrap() as usize],
        part => value.get_mut(part.as_str().unwrap()).expect("the place is there"),
    });
    match (op[0].as_str().unwrap(), last, owner) {
        ("+", Value::Number(at), Value::Array(list)) => {
            list.insert(at.as_u64().unwrap() as usize, op[2].clone());
        }
        ("=" | "+", name, Value::Object(owner)) => {
            owner.insert(name.as_str().unwrap().to_owned(), op[2].clone());
        }
        ("-", Value::Number(at), Value::Array(list)) => {
            list.remove(at.as_u64().unwrap() as usize);
        }
        ("-", name, Value::Object(owner)) if op.get(2).is_none() => {
            owner.remove(name.as_str().unwrap());
        }
        ("-", name, owner) => {
            for part in op[2].as_array().unwrap() {
                owner[name.as_str().unwrap()]
                    .as_object_mut()
                    .unwrap()
                    .remove(part.as_str().unwrap());
            }
        }
        (kind, ..) => panic!("{kind} is not made here"),
    }
}

/// One random write.
fn write(house: &Published<House>, draw: &mut impl FnMut(usize) -> usize) {
    let rooms = House::PATHS.rooms;
    let name = ["a", "b", "c"][draw(3)];
    let at = || rooms.key(name);
    // Writes to missing rooms do nothing.
    match draw(9) {
        0 => drop(house.set(at().then(Room::PATHS.title), format!("title {}", draw(100)))),
        1 => drop(house.push(at().then(Room::PATHS.songs), "song".into())),
        2 => drop(house.pop(at().then(Room::PATHS.songs))),
        3 => drop(house.set(
            at().then(Room::PATHS.lamp),
            [None, Some(Lamp::Off), Some(Lamp::Dimmed(1))][draw(3)].clone(),
        )),
        4 => drop(
            house.set(at().then(Room::PATHS.lamp).some().then(Lamp::PATHS.dimmed.0), draw(9) as u8),
        ),
        5 => drop(house.remove(rooms, name)),
        6 => drop(house.insert(rooms, name, room("new"))),
        7 => house.retain(rooms, |(other, _)| other.as_str() <= name),
        _ => house.update(|house| {
            house.rooms.insert(name.into(), room("updated"));
            house.ticks += 1;
        }),
    }
}

#[tokio::test]
async fn w2_what_a_page_shows_is_its_part_of_the_state_over_cuts() {
    let (server, house) = serve().await;
    let page = |places| Page { places, state: Value::Null, position: None, events: None };
    let mut pages = [
        page("rooms.a"),
        page(r#"[["rooms","b","lamp","Dimmed"],["rooms","c","songs"],["ticks"]]"#),
        page("[]"),
        page(r#"[[]]"#),
    ];
    let mut random = fastrand::Rng::with_seed(7);
    for round in 0..40 {
        let page = &mut pages[random.usize(..4)];
        if page.events.is_none() || random.u8(..) < 60 {
            page.open(&server).await;
        }
        for _ in 0..random.usize(1..12) {
            write(&house, &mut |bound| random.usize(..bound));
        }
        page.follow(house.version()).await;
        let whole = json!(*house.snapshot());
        assert_eq!(page.state, part(page.places, &whole), "{} in round {round}", page.places);
    }
}

/// The part of the state that a page of `places` shows.
fn part(places: &str, whole: &Value) -> Value {
    let room = |name: &str| {
        let mut room = whole["rooms"].get(name)?.clone();
        room.as_object_mut().unwrap().remove("code");
        Some(room)
    };
    let mut rooms = serde_json::Map::new();
    if places == "[]" {
        return json!({});
    }
    if places == "rooms.a" {
        rooms.extend(room("a").map(|room| ("a".to_owned(), room)));
        return json!({ "rooms": rooms });
    }
    if places == "[[]]" {
        let all = ["a", "b", "c"].map(|name| Some((name.to_owned(), room(name)?)));
        rooms.extend(all.into_iter().flatten());
        return json!({ "rooms": rooms, "ticks": whole["ticks"] });
    }
    if let Some(room) = room("b") {
        let lamp = &room["lamp"];
        rooms.insert("b".into(), json!({ "lamp": lamp }));
    }
    rooms.extend(room("c").map(|room| ("c".to_owned(), json!({ "songs": room["songs"] }))));
    json!({ "rooms": rooms, "ticks": whole["ticks"] })
}
