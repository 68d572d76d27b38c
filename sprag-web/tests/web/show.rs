//! W2, W5, W7, W8: a page shows other places on the stream that it has.

use http_body_util::Full;
use serde_json::{Value, json};

use crate::places::{House, Room, serve, shown};
use crate::support::Events;

#[tokio::test]
async fn w2_w7_a_page_shows_other_places_on_the_stream_that_it_has() {
    let (server, house) = serve().await;
    let mut events = server.stream("s=house&as=window&at=rooms.a&c=page").await;
    assert_eq!(events.expect("snap").await["k"], Value::Null);
    let rooms = House::PATHS.rooms;
    house.set(rooms.key("b").then(Room::PATHS.title), "before".into()).unwrap();
    assert_eq!(server.show("page", "window", r#"[["rooms","b"]]"#, 7).await, 204);
    let snap = loop {
        // The commit that does not concern the first place may be reported before.
        match events.next().await.expect("the stream goes on") {
            (event, data) if event == "snap" => break data,
            (_, data) => assert_eq!(data["ops"], json!([])),
        }
    };
    let state = json!({ "rooms": { "b": shown("before") } });
    assert_eq!((&snap["s"], &snap["v"], &snap["k"]), (&json!("window"), &json!(1), &json!(7)));
    assert_eq!(snap["state"], state);
    house.set(rooms.key("a").then(Room::PATHS.title), "not sent".into()).unwrap();
    house.set(rooms.key("b").then(Room::PATHS.title), "sent".into()).unwrap();
    let change = events.expect("change").await;
    let ops = json!([["=", ["rooms", "b", "title"], "sent"]]);
    assert_eq!((&change["from"], &change["to"], &change["ops"]), (&json!(1), &json!(3), &ops));
}

#[tokio::test]
async fn w5_w8_a_stream_shows_no_place_that_it_could_not_begin_with() {
    let (server, _house) = serve().await;
    for (place, why) in [
        (r#"[["rooms","a","code"]]"#, "there is no such place"),
        (r#"[["rooms","a","songs",0]]"#, "an element of a list"),
    ] {
        let mut events = server.stream("s=house&at=rooms.a&c=page").await;
        events.expect("snap").await;
        assert_eq!(server.show("page", "house", place, 1).await, 204);
        let denied = events.expect("denied").await;
        assert!(denied["why"].as_str().unwrap().contains(why), "{denied}");
        assert_eq!(events.next().await, None);
    }
    let mut events = server.stream("s=house&c=page").await;
    events.expect("snap").await;
    // A store that the stream does not have, and one that is shown as a whole, stay as they are.
    assert_eq!(server.show("page", "other", "ticks", 1).await, 204);
    assert_eq!(server.show("page", "house", "ticks", 1).await, 204);
    assert_eq!(server.show("page", "house", "[7", 1).await, 400);
    let many = serde_json::to_string(&vec![["ticks"]; 1_001]).unwrap();
    assert_eq!(server.show("page", "house", &many, 1).await, 400);
    let long = serde_json::to_string(&[["rooms", &*"a".repeat(16 << 10)]]).unwrap();
    assert_eq!(server.show("page", "house", &long, 1).await, 400);
    assert_eq!(server.show("page", &"s".repeat(257), "ticks", 1).await, 400);
    assert_eq!(server.show("no stream", "house", "ticks", 1).await, 404);
    drop(events);
    while server.stores.streams() > 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(server.show("page", "house", "ticks", 1).await, 404);
}

#[tokio::test]
async fn w8_another_sites_page_and_another_session_change_no_stream() {
    let (server, _house) = serve().await;
    let session = |digit: &str| format!("sprag={}", digit.repeat(32));
    let path = "/sprag/live?s=house&at=rooms.a&c=page";
    let request = server.request("GET", path).header("cookie", session("a"));
    let response = server.send(request.body(Full::default()).unwrap()).await;
    let mut events = Events::of(response);
    events.expect("snap").await;
    let body = json!({ "c": "page", "m": [{ "s": "house", "at": "ticks", "k": 1 }] }).to_string();
    for (cookie, origin, expected) in [
        (session("b"), None, 404),
        (session("a"), Some("http://evil.test"), 403),
        (session("a"), None, 204),
    ] {
        let request = server.request("POST", "/sprag/live").header("cookie", cookie);
        let request = request.header("content-type", "application/json");
        let request =
            origin.into_iter().fold(request, |request, origin| request.header("origin", origin));
        let response = server.send(request.body(Full::from(body.clone())).unwrap()).await;
        assert_eq!(response.status(), expected);
    }
    assert_eq!(events.expect("snap").await["state"], json!({ "ticks": 0 }));
}
