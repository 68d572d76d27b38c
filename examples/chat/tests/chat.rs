//! The chat behind its session layer: what each user sees, says and is shown to others.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, SET_COOKIE};
use axum::http::{Request, Response, StatusCode};
use chat::{Chat, Me, Rooms, User, routes};
use serde_json::{Value, json};
use tower::ServiceExt;

/// The chat without a server.
struct House {
    rooms: Arc<Rooms>,
    app: Router,
}

/// A user's browser.
struct Window<'a> {
    house: &'a House,
    cookie: String,
}

impl House {
    fn new() -> Self {
        let rooms = Rooms::new();
        let stores = rooms.stores();
        Self { app: routes(&rooms, &stores), rooms }
    }

    async fn ask(&self, request: axum::http::request::Builder, body: String) -> Response<Body> {
        let request = request.header(HOST, "localhost").body(Body::from(body)).unwrap();
        self.app.clone().oneshot(request).await.unwrap()
    }

    async fn enter(&self, name: &str) -> Option<Window<'_>> {
        let request =
            Request::post("/enter").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = self.ask(request, format!("name={name}")).await;
        if answer.status() != StatusCode::SEE_OTHER {
            return None;
        }
        assert_eq!(answer.headers()[LOCATION], "/");
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Some(Window { house: self, cookie })
    }
}

impl Window<'_> {
    async fn page(&self) -> String {
        let answer = self.house.ask(Request::get("/").header(COOKIE, &self.cookie), String::new());
        let body = to_bytes(answer.await.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Writes to a store; returns the server's reply.
    async fn write(&self, store: &str, n: u64, ops: Value) -> Value {
        let page = self.page().await;
        let (_, state) = page.split_once("data-sprag-state>").expect("the state");
        let (state, _) = state.split_once("</script>").expect("its end");
        let states: Vec<Value> = serde_json::from_str(state).unwrap();
        let epoch =
            states.iter().find(|state| state["s"] == store).expect("the store")["e"].clone();
        let request = Request::post(format!("/sprag/store/{store}"));
        let request = request.header(COOKIE, &self.cookie).header(CONTENT_TYPE, "application/json");
        let body = json!({ "e": epoch, "t": "window", "m": [{ "n": n, "ops": ops }] });
        let answer = self.house.ask(request, body.to_string()).await;
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["r"][0].clone()
    }
}

#[tokio::test]
async fn a_line_appears_in_the_room_under_the_name_of_its_user() {
    let house = House::new();
    let ada = house.enter("Ada").await.unwrap();
    let answer = ada.write("me", 1, json!([["+", ["outbox", "-"], "tea?"]])).await;
    assert!(answer["err"].is_null(), "{answer}");
    let chat = house.rooms.chat.snapshot();
    let said = &chat.rooms["kitchen"].said;
    assert_eq!((&*said[0].by, &*said[0].text), ("Ada", "tea?"));
    // A user cannot write a line into a room, under any name.
    let forged =
        json!([["+", ["rooms", "kitchen", "said", "-"], { "id": 9, "by": "Bob", "text": "no" }]]);
    assert_eq!(ada.write("chat", 1, forged).await["err"], "readonly");
}

#[tokio::test]
async fn a_topic_is_written_by_who_is_in_the_room() {
    let house = House::new();
    let ada = house.enter("Ada").await.unwrap();
    let topic = |room| json!([["=", ["rooms", room, "topic"], "Compost"]]);
    assert_eq!(ada.write("chat", 1, topic("garden")).await["err"], "denied");
    ada.write("me", 1, json!([["=", ["room"], "garden"]])).await;
    assert!(ada.write("chat", 2, topic("garden")).await["err"].is_null());
    assert_eq!(house.rooms.chat.snapshot().rooms["garden"].topic, "Compost");
}

#[tokio::test]
async fn a_user_is_in_one_room_and_a_name_is_one_users() {
    let house = House::new();
    let ada = house.enter("Ada").await.unwrap();
    assert!(house.enter("ada").await.is_none());
    let here = |room: &str| house.rooms.chat.snapshot().rooms[room].present.contains_key("Ada");
    assert!(here("kitchen"));
    ada.write("me", 1, json!([["=", ["room"], "workshop"]])).await;
    assert!(here("workshop") && !here("kitchen"));
    let nowhere = ada.write("me", 2, json!([["=", ["room"], "cellar"]])).await;
    assert_eq!(nowhere["why"], "There is no such room.");

    house.ask(Request::post("/leave").header(COOKIE, &ada.cookie), String::new()).await;
    assert!(!here("workshop"));
    assert!(house.enter("Ada").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_user_whose_windows_are_gone_is_in_no_room_until_they_are_back() {
    let house = House::new();
    let ada = house.enter("Ada").await.unwrap();
    let here = || house.rooms.chat.snapshot().rooms["kitchen"].present.contains_key("Ada");
    tokio::time::advance(std::time::Duration::from_secs(26)).await;
    house.rooms.sweep();
    assert!(!here());
    ada.write("me", 1, json!([["=", ["beat"], 1]])).await;
    house.rooms.sweep();
    assert!(here());
}

#[tokio::test]
async fn each_user_sees_their_own_store_and_a_stranger_none() {
    // No other number of the page has these digits.
    const SEEN: u64 = 7_700_770_077;
    let house = House::new();
    let (ada, bob) = (house.enter("Ada").await.unwrap(), house.enter("Bob").await.unwrap());
    house
        .rooms
        .me
        .get(&User("Bob".into()))
        .set(Me::PATHS.read, [("garden".to_owned(), SEEN)].into());
    assert!(bob.page().await.contains(&SEEN.to_string()));
    assert!(!ada.page().await.contains(&SEEN.to_string()));
    let stranger = Window { house: &house, cookie: "chat=0".to_owned() };
    assert!(stranger.page().await.contains("What is your name?"));
    let live = house.ask(Request::get("/sprag/live?s=chat"), String::new()).await;
    assert_ne!(live.status(), StatusCode::OK);
}

#[test]
fn w1_the_types_of_the_page_are_those_of_the_server() {
    let types = sprag_web::Types::new().store::<Chat>("chat").store::<Me>("me");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("page/chat.gen.ts");
    types.check(file).unwrap();
}
