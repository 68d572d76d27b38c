//! W8: the replies to strangers, floods and broken clients.

use http_body_util::Full;
use serde_json::{Value, json};
use sprag_web::{Published, Stores, store};

use crate::live::epoch;
use crate::support::{Server, Tv, answer, open};

async fn serve(configure: impl FnOnce(Stores) -> Stores) -> (Server, Published<Tv>) {
    let tv = store("tv", Tv::default());
    let stores = configure(Stores::new().add_with(&tv, open()));
    (Server::start(stores).await, tv)
}

fn batch(epoch: &str, n: u64) -> String {
    let ops = json!([["=", ["volume"], n]]);
    json!({ "e": epoch, "t": "page", "m": [{ "n": n, "ops": ops }] }).to_string()
}

/// Sends a body to the store, with these headers instead of or besides the usual ones.
async fn send(server: &Server, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let mut request = server.request("POST", "/sprag/store/tv");
    let all = request.headers_mut().unwrap();
    all.insert("content-type", "application/json".parse().unwrap());
    for (name, value) in headers {
        all.insert(name.parse::<hyper::header::HeaderName>().unwrap(), value.parse().unwrap());
    }
    let response = server.send(request.body(Full::from(body.to_owned())).unwrap()).await;
    let (status, body) = answer(response).await;
    (status.as_u16(), body)
}

#[tokio::test]
async fn w8_what_does_not_come_in_is_refused_counted_and_changes_nothing() {
    let (server, tv) = serve(|stores| stores).await;
    let epoch = epoch(&server).await;
    let good = batch(&epoch, 1);
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    let large = "x".repeat(2 * 1024 * 1024);
    type Attack<'a> = (&'a [(&'a str, &'a str)], &'a str, u16, &'a str);
    let attacks: &[Attack<'_>] = &[
        (&[("host", "evil.test")], &good, 403, "host"),
        (&[("origin", "http://evil.test")], &good, 403, "origin"),
        (&[("origin", "http://127.0.0.1:1")], &good, 403, "origin"),
        (&[("origin", "null")], &good, 403, "origin"),
        (&[("sec-fetch-site", "same-site")], &good, 403, "origin"),
        (&[("content-type", "text/plain")], &good, 415, "type"),
        (&[("content-type", "application/x-www-form-urlencoded")], &good, 415, "type"),
        (&[], &large, 413, "size"),
        (&[], &deep, 400, "request"),
        (&[], "{", 400, "request"),
        (&[], "{\"e\":1}", 400, "request"),
        (&[], "\u{feff}", 400, "request"),
    ];
    for (headers, body, status, kind) in attacks {
        let (got, answer) = send(&server, headers, body).await;
        assert_eq!((got, answer["err"].as_str()), (*status, Some(*kind)), "{headers:?}");
    }
    let counts = server.stores.refused();
    let expected = [("host", 1), ("origin", 4), ("request", 4), ("size", 1), ("type", 2)];
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!((tv.version(), &*tv.snapshot()), (0, &Tv::default()));
    // No number was used.
    assert_eq!(send(&server, &[], &good).await.1["r"], json!([{ "n": 1, "v": 1 }]));
}

#[tokio::test]
async fn w8_hosts_and_origins_that_are_listed_come_in() {
    let (server, tv) =
        serve(|stores| stores.host("tv.example.org").origin("https://app.example")).await;
    let epoch = epoch(&server).await;
    let headers = [("host", "tv.example.org"), ("origin", "https://app.example")];
    assert_eq!(send(&server, &headers, &batch(&epoch, 1)).await.0, 200);
    assert_eq!(tv.version(), 1);
}

#[tokio::test]
async fn w8_a_deep_or_a_hostile_value_is_refused_or_inert() {
    let (server, tv) = serve(|stores| stores).await;
    let epoch = epoch(&server).await;
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let deep: Value = serde_json::from_str(&deep).unwrap();
    let writes = [
        json!([["=", ["url"], deep]]),
        json!([["=", ["__proto__"], { "polluted": true }]]),
        json!([["=", ["queue", -1], "x"]]),
        json!([["=", ["queue", "__proto__"], "x"]]),
        json!([["~", ["queue"], 0, [9_999_999]]]),
        json!([["=", ["volume"], 1e300]]),
        json!([["=", ["volume"], null]]),
        json!([["=", [], { "url": null }]]),
    ];
    let answers = server.write(&epoch, "page", 1, &writes).await;
    for (at, write) in writes.iter().enumerate() {
        assert!(answers[at]["err"].is_string(), "{write}: {}", answers[at]);
    }
    assert_eq!((tv.version(), &*tv.snapshot()), (0, &Tv::default()));
}

#[tokio::test]
async fn w8_a_flood_is_refused_with_429_and_no_number_is_used() {
    let (server, tv) = serve(|stores| stores.max_writes_per_second(1)).await;
    let epoch = epoch(&server).await;
    let mut statuses = Vec::new();
    for n in 1..=8 {
        statuses.push(send(&server, &[], &batch(&epoch, n)).await.0);
    }
    assert_eq!((statuses[0], statuses[7]), (200, 429));
    let made = statuses.iter().filter(|status| **status == 200).count() as u64;
    assert_eq!((tv.version(), server.stores.refused()["busy"]), (made, 8 - made));
}

#[tokio::test]
async fn w8_streams_are_bounded_in_all_and_by_session() {
    let (server, _tv) = serve(|stores| stores.max_streams(3).max_streams_by_session(1)).await;
    let cookie = "sprag=0123456789abcdef0123456789abcdef";
    let with_session = || {
        let request = server.request("GET", "/sprag/live?s=tv").header("cookie", cookie);
        server.send(request.body(Full::default()).unwrap())
    };
    let first = with_session().await;
    assert_eq!((first.status().as_u16(), first.headers().contains_key("set-cookie")), (200, false));
    assert_eq!(with_session().await.status(), 429);
    let others = [server.get("/sprag/live?s=tv").await, server.get("/sprag/live?s=tv").await];
    let cookies = others.each_ref().map(|other| other.headers()["set-cookie"].clone());
    assert_ne!(cookies[0], cookies[1]);
    assert_eq!(server.get("/sprag/live?s=tv").await.status(), 503);
}

#[tokio::test]
async fn w8_another_session_cannot_use_a_tag_that_it_has_seen() {
    let (server, tv) = serve(|stores| stores).await;
    let epoch = epoch(&server).await;
    let session = |digit: &str| format!("sprag={}", digit.repeat(32));
    let (mine, other) = (session("a"), session("b"));
    assert_eq!(send(&server, &[("cookie", &mine)], &batch(&epoch, 1)).await.0, 200);
    let (_, forged) = send(&server, &[("cookie", &other)], &batch(&epoch, 2)).await;
    assert_eq!(forged["r"], json!([{ "n": 2, "err": "gap", "last": 0 }]));
    assert_eq!(tv.version(), 1);
}

#[tokio::test]
async fn w8_a_batch_has_at_most_64_writes_and_a_tag_of_at_most_128_bytes() {
    let (server, tv) = serve(|stores| stores).await;
    let epoch = epoch(&server).await;
    let batch = |tag: &str, count: u64| {
        let write = |n| json!({ "n": n, "ops": [["=", ["volume"], n]] });
        let writes: Vec<_> = (1..=count).map(write).collect();
        json!({ "e": epoch, "t": tag, "m": writes }).to_string()
    };
    for refused in [batch("page", 65), batch(&"t".repeat(129), 1), batch("", 1)] {
        let (status, answer) = send(&server, &[], &refused).await;
        assert_eq!((status, answer["err"].as_str()), (400, Some("request")));
    }
    assert_eq!(tv.version(), 0);
    assert_eq!(send(&server, &[], &batch(&"t".repeat(128), 64)).await.0, 200);
    assert_eq!(tv.version(), 64);
}

#[tokio::test]
async fn w8_the_session_of_a_site_that_has_https_alone_is_sent_over_https_alone() {
    for (is_secure, configure) in
        [(false, (|stores| stores) as fn(Stores) -> Stores), (true, Stores::https_only)]
    {
        let (server, _tv) = serve(configure).await;
        let response = server.get("/sprag/live?s=tv").await;
        assert_eq!(response.status(), 200);
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert_eq!(cookie.contains("Secure"), is_secure, "{cookie}");
    }
}
