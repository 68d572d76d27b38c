//! Stores with an instance for each key, and users whose rights change.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::{Extension, Router};
use http_body_util::Full;
use serde_json::json;
use sprag_web::{Policy, PublishedBy, Stores, store, store_by};

use crate::support::{Events, Server, Tv, open};

/// The user that a header names, as a session layer would.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct User(String);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let name = parts.headers.get("x-user").and_then(|name| name.to_str().ok());
        name.map(|name| Self(name.to_owned())).ok_or(StatusCode::UNAUTHORIZED)
    }
}

/// A session, which the test may end without a word.
type IsOpen = Arc<AtomicBool>;

/// The user of a session that is open. The request keeps the user, so that its later extractors
/// do not look the session up again.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Guest;

impl<S: Sync> FromRequestParts<S> for Guest {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let is_open = parts.extensions.get::<IsOpen>().is_some_and(|is_open| is_open.load(Relaxed));
        let guest = is_open.then_some(Self).ok_or(StatusCode::UNAUTHORIZED)?;
        parts.extensions.insert(guest.clone());
        Ok(guest)
    }
}

fn carts() -> PublishedBy<User, Tv> {
    store_by("tv", |user: &User| Tv { url: Some(user.0.clone()), ..Tv::default() })
}

/// The stream of `user`, or the status that refuses it.
async fn stream(server: &Server, user: &str) -> Result<Events, u16> {
    let request = server.request("GET", "/sprag/live?s=tv").header("x-user", user);
    let response = server.send(request.body(Full::default()).unwrap()).await;
    match response.status().as_u16() {
        200 => Ok(Events::of(response)),
        status => Err(status),
    }
}

#[tokio::test]
async fn w8_each_user_sees_the_instance_of_the_own_key_alone() {
    let carts = carts();
    let server = Server::start(Stores::new().add_by_with(&carts, open())).await;
    let mut ada = stream(&server, "ada").await.unwrap();
    let mut bob = stream(&server, "bob").await.unwrap();
    let (a, b) = (ada.expect("snap").await, bob.expect("snap").await);
    assert_eq!((&a["state"]["url"], &b["state"]["url"]), (&json!("ada"), &json!("bob")));
    assert_ne!(a["e"], b["e"]);
    // A write with the epoch of another key's instance is never made.
    let write = json!({ "e": a["e"], "t": "p", "m": [{ "n": 1, "ops": [["=", ["volume"], 1]] }] });
    let request = server
        .request("POST", "/sprag/store/tv")
        .header("content-type", "application/json")
        .header("x-user", "bob")
        .body(Full::from(write.to_string()))
        .unwrap();
    assert_eq!(server.send(request).await.status(), 409);
    carts.get(&User("bob".into())).set(Tv::PATHS.volume, 7);
    assert_eq!(bob.expect("change").await["ops"], json!([["=", ["volume"], 7]]));
    assert_eq!(
        (carts.instances(), server.get("/sprag/live?s=tv").await.status().as_u16()),
        (2, 403)
    );
}

#[tokio::test]
async fn w7_an_instance_that_nobody_uses_ends_and_its_key_begins_anew() {
    let carts = carts().idle(Duration::from_millis(40));
    let server = Server::start(Stores::new().add_by(&carts)).await;
    let held = carts.get(&User("held".into()));
    let mut events = stream(&server, "ada").await.unwrap();
    let first = events.expect("snap").await["e"].clone();
    assert_eq!(carts.instances(), 2);
    drop(events);
    test_support::within_async(Duration::from_secs(20), async {
        while carts.instances() > 1 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(held.name(), "tv");
    let second = stream(&server, "ada").await.unwrap().expect("snap").await["e"].clone();
    assert_ne!(first, second);
}

#[tokio::test]
async fn w8_rights_that_end_without_a_word_end_the_store_within_a_minute() {
    let tv = store("tv", Tv::default());
    let rights = Arc::new(AtomicBool::new(true));
    let policy = {
        let rights = Arc::clone(&rights);
        Policy::new().visible(move |_: &User| rights.load(Relaxed))
    };
    let server = Server::start(Stores::new().add_with(&tv, policy)).await;
    let mut ada = stream(&server, "ada").await.unwrap();
    ada.expect("snap").await;
    rights.store(false, Relaxed);
    tokio::time::pause();
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(15)).await;
        ada.heartbeat().await;
    }
    tokio::time::advance(Duration::from_secs(15)).await;
    let denied = ada.expect("denied").await;
    assert_eq!(denied["why"], "you may not read the store any more");
    assert!(ada.next().await.is_none());
}

/// The stream of a store whose session ends without a word ends within a minute.
async fn ends_with_its_session(stores: Stores) {
    let is_open = IsOpen::new(AtomicBool::new(true));
    let router = Router::new().nest("/sprag", stores.clone().router());
    let app = router.layer(Extension(Arc::clone(&is_open)));
    let server = Server::start_app(stores, app).await;
    let mut guest = stream(&server, "guest").await.unwrap();
    guest.expect("snap").await;
    tokio::time::pause();
    for at in 1..8 {
        is_open.store(at < 5, Relaxed);
        tokio::time::advance(Duration::from_secs(15)).await;
        guest.heartbeat().await;
    }
    tokio::time::advance(Duration::from_secs(15)).await;
    assert_eq!(guest.expect("denied").await["why"], "you may not read the store any more");
    assert!(guest.next().await.is_none());
    tokio::time::resume();
    assert_eq!(stream(&server, "guest").await.err(), Some(403));
}

#[tokio::test]
async fn w8_a_session_that_ends_without_a_word_ends_the_streams_of_its_user() {
    let tv = store("tv", Tv::default());
    ends_with_its_session(Stores::new().add_with(&tv, Policy::new().visible(|_: &Guest| true)))
        .await;
}

#[tokio::test]
async fn w8_a_session_that_ends_without_a_word_ends_the_streams_of_its_key() {
    let carts = store_by("tv", |_: &Guest| Tv::default());
    ends_with_its_session(Stores::new().add_by(&carts)).await;
}

#[tokio::test]
async fn w8_the_streams_of_a_key_end_when_it_is_revoked() {
    let server = Server::start(Stores::new().add_by(&carts())).await;
    let mut ada = stream(&server, "ada").await.unwrap();
    let mut bob = stream(&server, "bob").await.unwrap();
    ada.expect("snap").await;
    bob.expect("snap").await;
    assert_eq!(server.stores.revoke(&User("ada".into())), 1);
    assert!(ada.next().await.is_none());
    assert_eq!(server.stores.streams(), 1);
}

#[tokio::test]
async fn w8_a_user_whose_rights_are_revoked_is_denied_when_the_browser_comes_back() {
    let tv = store("tv", Tv::default());
    let policy = {
        let tv = tv.clone();
        // The state contains the rights here, for brevity.
        Policy::new().visible(move |user: &User| tv.get(Tv::PATHS.url) != Some(user.0.clone()))
    };
    let server = Server::start(Stores::new().add_with(&tv, policy)).await;
    let mut ada = stream(&server, "ada").await.unwrap();
    let mut bob = stream(&server, "bob").await.unwrap();
    ada.expect("snap").await;
    bob.expect("snap").await;
    tv.set(Tv::PATHS.url, Some("ada".into()));
    assert_eq!(server.stores.revoke(&User("ada".into())), 1);
    while ada.next().await.is_some() {}
    assert_eq!(stream(&server, "ada").await.err(), Some(403));
    bob.expect("change").await;
    assert_eq!(server.stores.streams(), 1);
}

#[tokio::test]
async fn w8_a_policy_that_panics_at_a_later_check_ends_the_stream_and_shows_nothing() {
    let tv = store("tv", Tv::default());
    let panics = Arc::new(AtomicBool::new(false));
    let policy = {
        let panics = Arc::clone(&panics);
        Policy::new().visible(move |_: &User| {
            assert!(!panics.load(Relaxed), "the policy has a fault");
            true
        })
    };
    let server = Server::start(Stores::new().add_with(&tv, policy)).await;
    let mut ada = stream(&server, "ada").await.unwrap();
    ada.expect("snap").await;
    panics.store(true, Relaxed);
    tokio::time::pause();
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(15)).await;
        ada.heartbeat().await;
    }
    tv.set(Tv::PATHS.volume, 6);
    ada.expect("change").await;
    tokio::time::advance(Duration::from_secs(15)).await;
    tv.set(Tv::PATHS.volume, 7);
    assert!(ada.next().await.is_none(), "the check comes before what it decides on");
    tokio::time::resume();
    panics.store(false, Relaxed);
    assert_eq!(server.stores.streams(), 0);
    let mut again = stream(&server, "ada").await.unwrap();
    assert_eq!(again.expect("snap").await["state"]["volume"], 7);
}

#[tokio::test]
async fn w8_the_rules_of_a_store_by_key_hold_for_instances_from_before_and_after_it_is_added() {
    let carts = carts();
    carts.get(&User("before".into()));
    let policy = Policy::new()
        .visible(|user: &User| user.0 != "stranger")
        .validate(|tv: &Tv| if tv.volume > 9 { Err("too loud".into()) } else { Ok(()) });
    let server = Server::start(Stores::new().add_by_with(&carts, policy)).await;
    for user in ["before", "after"] {
        let epoch = stream(&server, user).await.unwrap().expect("snap").await["e"].clone();
        let loud =
            json!({ "e": epoch, "t": "p", "m": [{ "n": 1, "ops": [["=", ["volume"], 10]] }] });
        let request = server
            .request("POST", "/sprag/store/tv")
            .header("content-type", "application/json")
            .header("x-user", user)
            .body(Full::from(loud.to_string()))
            .unwrap();
        let (_, answer) = crate::support::answer(server.send(request).await).await;
        assert_eq!(answer["r"][0]["why"], "too loud", "{user}: {answer}");
    }
    assert_eq!(stream(&server, "stranger").await.err(), Some(403));
}

#[tokio::test]
async fn w12_a_store_by_key_that_its_service_releases_ends_its_streams_and_its_instances() {
    let carts = carts();
    let server = Server::start(Stores::new().add_by(&carts)).await;
    let mut ada = stream(&server, "ada").await.unwrap();
    ada.expect("snap").await;
    sprag::Resource::release(&carts);
    assert!(ada.next().await.is_none());
    assert_eq!(carts.instances(), 0);
}

/// A user whose session cannot be read while the store of sessions is away.
#[derive(Clone)]
struct Member;

impl<S: Sync> FromRequestParts<S> for Member {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let status = parts.headers.get("x-user").and_then(|status| status.to_str().ok());
        let status = status.and_then(|status| status.parse().ok()).unwrap_or(200);
        match StatusCode::from_u16(status) {
            Ok(StatusCode::OK) => Ok(Self),
            refused => Err(refused.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
        }
    }
}

#[tokio::test]
async fn w8_a_refusal_of_an_extractor_is_a_denied_store_and_its_failure_one_of_the_request() {
    let (tv, open) = (store("tv", Tv::default()), store("open", Tv::default()));
    let policy = Policy::new().visible(|_: &Member| true);
    let stores = Stores::new().add_with(&tv, policy).add(&open);
    let server = Server::start(stores).await;
    let live = async |status: &str| {
        let request = server.request("GET", "/sprag/live?s=tv&s=open").header("x-user", status);
        server.send(request.body(Full::default()).unwrap()).await
    };
    assert_eq!(live("503").await.status(), 503, "the browser comes again");
    let mut events = Events::of(live("401").await);
    let denied = events.expect("denied").await;
    assert_eq!((&denied["s"], denied["why"].as_str()), (&json!("tv"), Some("401 Unauthorized")));
    assert_eq!(events.expect("snap").await["s"], "open");
}
