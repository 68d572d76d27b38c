//! W4, W12: stores over a model on a log, shown by two servers.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use std::sync::Mutex;

use axum::body::Bytes;
use sprag_log::{AppendError, File, Log, Logged, Page, ReadError, Snapshot, open};
use sprag_web::{Policy, Stores};

use crate::live::epoch;
use crate::support::{Events, Server, Tv};

/// Two servers that share a log.
struct Pair {
    servers: [Server; 2],
    models: [Logged<Tv>; 2],
    folder: tempfile::TempDir,
}

async fn pair() -> Pair {
    let folder = tempfile::tempdir().unwrap();
    let log = Arc::new(File::open(folder.path()).unwrap());
    let open = || open(Arc::clone(&log), "tv", Tv::default());
    let models = [open().await.unwrap(), open().await.unwrap()];
    let servers = [serve(&models[0]).await, serve(&models[1]).await];
    Pair { servers, models, folder }
}

/// A model on a log of its own.
async fn open_alone(name: &str, folder: &tempfile::TempDir) -> Logged<Tv> {
    let log = Arc::new(File::open(folder.path().join(name)).unwrap());
    open(log, "tv", Tv::default()).await.unwrap()
}

async fn serve(model: &Logged<Tv>) -> Server {
    let policy = Policy::new().validate(|next: &Tv| match next.volume {
        0..=100 => Ok(()),
        _ => Err("the volume is at most 100".to_owned()),
    });
    Server::start(Stores::new().add_with(model, policy)).await
}

/// The pairs in the frames' `by`, up to the version `to`.
async fn makers(events: &mut Events, to: u64) -> Vec<Value> {
    let mut makers = Vec::new();
    loop {
        let change = events.expect("change").await;
        match &change["by"][0] {
            Value::String(_) => makers.push(change["by"].clone()),
            _ => makers.extend(change["by"].as_array().into_iter().flatten().cloned()),
        }
        if change["to"].as_u64() >= Some(to) {
            return makers;
        }
    }
}

fn push(text: &str) -> Value {
    json!([["+", ["queue", "-"], text]])
}

#[tokio::test]
async fn w4_a_write_to_one_server_is_a_commit_of_every_server_under_one_version() {
    let Pair { servers, models, folder } = pair().await;
    let there = epoch(&servers[1]).await;
    let mut events = servers[1].stream(&format!("s=tv@{there}.{}", models[1].version())).await;
    let here = epoch(&servers[0]).await;
    let answer = servers[0].write(&here, "page", 1, &[push("a")]).await;
    let version = answer[0]["v"].as_u64().expect("the write is made");
    assert_eq!(makers(&mut events, version).await, [json!(["page", 1])]);
    models[1].sync().await.unwrap();
    assert_eq!(models.each_ref().map(|model| model.snapshot().queue.len()), [1, 1]);
    drop(folder);
}

#[tokio::test]
async fn w4_writes_of_several_pages_that_are_one_entry_are_each_told_by_their_number() {
    let Pair { servers, models, folder } = pair().await;
    let here = epoch(&servers[0]).await;
    let mut events = servers[0].stream(&format!("s=tv@{here}.{}", models[0].version())).await;
    let pages: Vec<String> = (0..12).map(|page| format!("page{page}")).collect();
    let ops = [push("x")];
    let writes = pages.iter().map(|page| servers[0].write(&here, page, 1, &ops));
    let answers = futures_util::future::join_all(writes).await;
    let versions = answers.iter().map(|answer| answer[0]["v"].as_u64().expect("it is made"));
    let mut seen = makers(&mut events, versions.max().expect("there are some")).await;
    seen.sort_by_key(Value::to_string);
    let mut expected: Vec<Value> = pages.iter().map(|page| json!([page, 1])).collect();
    expected.sort_by_key(Value::to_string);
    assert_eq!(seen, expected);
    drop(folder);
}

#[tokio::test]
async fn w7_a_page_that_comes_from_another_server_goes_on_at_its_version() {
    let Pair { servers, models, folder } = pair().await;
    let (here, there) = (epoch(&servers[0]).await, epoch(&servers[1]).await);
    assert_ne!(here, there);
    let seen = models[0].version();
    let answer = servers[0].write(&here, "page", 1, &[push("missed")]).await;
    models[1].sync().await.unwrap();
    let mut events = servers[1].stream(&format!("s=tv@{here}.{seen}&t=page@1")).await;
    // This server does not know the number, and the page makes nothing of the kind again.
    assert_eq!(events.expect("acks").await["r"], Value::Null);
    let welcome = events.expect("snap").await;
    assert_eq!((&welcome["e"], &welcome["v"]), (&json!(there), &json!(seen)));
    assert_eq!(welcome.get("state"), None);
    let change = events.expect("change").await;
    assert_eq!((&change["from"], &change["by"]), (&json!(seen), &json!(["page", 1])));
    assert_eq!(change["to"], answer[0]["v"]);
    // A log of another name has another incarnation.
    let other = open_alone("other", &folder).await;
    let other = serve(&other).await;
    let snap = other.stream(&format!("s=tv@{here}.{seen}")).await.expect("snap").await;
    assert_eq!(snap["state"]["queue"], json!([]));
}

#[tokio::test]
async fn w7_a_page_that_has_seen_more_than_its_new_server_waits() {
    let Pair { servers, models, folder } = pair().await;
    let (here, there) = (epoch(&servers[0]).await, epoch(&servers[1]).await);
    let ahead = models[1].version() + 2;
    let mut events = servers[1].stream(&format!("s=tv@{here}.{ahead}")).await;
    assert_eq!(events.expect("snap").await["v"], ahead);
    for text in ["seen", "seen too", "next"] {
        servers[1].write(&there, text, 1, &[push(text)]).await;
    }
    assert_eq!(events.expect("change").await["ops"][0][2], "next");
    drop(folder);
}

#[tokio::test]
async fn w7_a_page_that_has_seen_what_the_log_lost_begins_with_the_state() {
    let Pair { servers, models, folder } = pair().await;
    let (here, there) = (epoch(&servers[0]).await, epoch(&servers[1]).await);
    servers[1].write(&there, "page", 1, &[push("kept")]).await;
    let kept = models[1].version();
    // A page that is ahead by `new=` places waits like one that is ahead with its state.
    for (query, state) in [
        (format!("s=tv@{here}.{}", kept + 9), json!(["kept"])),
        (format!("s=tv@{there}.{}", kept + 9), json!(["kept"])),
        (format!("s=tv@{there}.{}&at=queue&new=1", kept + 9), json!(["kept"])),
    ] {
        let mut events = servers[1].stream(&query).await;
        if query.contains(&here) {
            let welcome = events.expect("snap").await;
            assert_eq!((&welcome["v"], welcome.get("state")), (&json!(kept + 9), None));
        }
        // The first heartbeat is due, and the second comes before the test gives up.
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(16)).await;
        let snap = events.expect("snap").await;
        tokio::time::resume();
        assert_eq!((&snap["e"], snap.get("state")), (&json!(""), None), "{query}");
        let snap = events.expect("snap").await;
        assert_eq!((&snap["e"], &snap["v"]), (&json!(there), &json!(kept)), "{query}");
        assert_eq!(snap["state"]["queue"], state);
    }
    drop(folder);
}

#[tokio::test]
async fn w4_a_write_that_one_server_made_is_never_made_by_another() {
    let Pair { servers, models, folder } = pair().await;
    let (here, there) = (epoch(&servers[0]).await, epoch(&servers[1]).await);
    // The page is known to the second server, where it has written nothing.
    let mut events = servers[1].stream(&format!("s=tv@{there}.1&t=page@0")).await;
    events.expect("acks").await;
    servers[0].write(&here, "page", 1, &[push("once")]).await;
    let retry = json!({ "n": 1, "again": true, "ops": push("once") });
    let batch = |epoch: &str| json!({ "e": epoch, "t": "page", "m": [&retry] });
    assert_eq!(servers[1].post("tv", &batch(&here)).await.0, 409);
    assert_eq!(servers[0].post("tv", &batch(&there)).await.0, 409);
    assert!(servers[0].post("tv", &batch(&here)).await.1["r"][0]["v"].is_u64());
    models[1].sync().await.unwrap();
    assert_eq!(models[1].snapshot().queue, ["once"]);
    drop(folder);
}

#[tokio::test]
async fn w4_conditions_and_validation_hold_over_servers() {
    let Pair { servers, models, folder } = pair().await;
    let here = epoch(&servers[0]).await;
    let refused = servers[0].write(&here, "page", 1, &[json!([["=", ["volume"], 101]])]).await;
    assert_eq!((&refused[0]["err"], models[0].snapshot().volume), (&json!("invalid"), 0));
    let epochs = [epoch(&servers[0]).await, epoch(&servers[1]).await];
    assert_ne!(epochs[0], epochs[1]);
    // Both servers compare and set the same place; one write of each round is made.
    for round in 0..10 {
        let write = |number: usize| {
            let set = json!({
                "n": 1 + round + u64::from(number == 0), "if": [[["volume"], round]],
                "ops": [["=", ["volume"], round + 1]],
            });
            let batch = json!({ "e": epochs[number], "t": "page", "m": [set] });
            let server = &servers[number];
            async move { server.post("tv", &batch).await.1["r"][0]["err"].clone() }
        };
        let (first, second) = tokio::join!(write(0), write(1));
        let made = [&first, &second].into_iter().filter(|err| err.is_null()).count();
        assert_eq!(made, 1, "{first} {second}");
        models[0].sync().await.unwrap();
        models[1].sync().await.unwrap();
    }
    assert_eq!(models[1].snapshot().volume, 10);
    drop(folder);
}

/// The fate of the entries of an engine, which is a file otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Entries {
    Stored,
    /// None is stored, and the engine says so.
    Away,
    /// The same, and none is read.
    OutOfReach,
    /// None is stored, and the engine does not know that.
    Unanswered,
}

struct Moody {
    file: File,
    entries: Mutex<Entries>,
}

impl Log for Moody {
    type Follower = <File as Log>::Follower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        let entries = *self.entries.lock().unwrap();
        match entries {
            Entries::Stored => self.file.append(name, last, entry).await,
            Entries::Away | Entries::OutOfReach => Err(AppendError::Unavailable("away".to_owned())),
            Entries::Unanswered => Err(AppendError::Unknown("no answer".to_owned())),
        }
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        if *self.entries.lock().unwrap() == Entries::OutOfReach {
            return Err(ReadError::Unavailable("away".to_owned()));
        }
        self.file.read(name, after).await
    }

    fn follow(&self, name: &str, after: u64) -> Self::Follower {
        self.file.follow(name, after)
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.file.save_snapshot(name, snapshot).await
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.file.load_snapshot(name).await
    }

    fn max_entry(&self) -> usize {
        10_000
    }
}

/// A server with a model on an engine in `folder` that a test stops.
async fn moody(folder: &tempfile::TempDir) -> (Arc<Moody>, Logged<Tv>, Server) {
    let file = File::open(folder.path()).unwrap();
    let engine = Arc::new(Moody { file, entries: Mutex::new(Entries::Stored) });
    let opening = open(Arc::clone(&engine), "tv", Tv::default());
    let model = opening.deadline(Duration::from_millis(200)).await.unwrap();
    let server = serve(&model).await;
    (engine, model, server)
}

/// The next state, behind any numbers of the page's writes.
async fn next_snap(events: &mut Events) -> Value {
    loop {
        let (name, data) = events.next().await.expect("the stream goes on");
        if name == "snap" {
            return data;
        }
    }
}

#[tokio::test]
async fn w7_a_page_keeps_what_it_has_seen_while_its_server_is_not_current() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, model, server) = moody(&folder).await;
    let here = epoch(&server).await;
    *engine.entries.lock().unwrap() = Entries::OutOfReach;
    model.push(Tv::PATHS.queue, "later".to_owned()).await.expect_err("the log is away");
    assert!(!model.is_current());
    let ahead = model.version() + 9;
    let mut events = server.stream(&format!("s=tv@{here}.{ahead}&t=page@0")).await;
    events.expect("acks").await;
    tokio::time::pause();
    // No event is between these, so the page still waits at the second one.
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(15)).await;
        events.heartbeat().await;
    }
    tokio::time::resume();
    *engine.entries.lock().unwrap() = Entries::Stored;
    model.push(Tv::PATHS.queue, "now".to_owned()).await.unwrap();
    assert!(model.is_current());
    tokio::time::pause();
    assert_eq!(next_snap(&mut events).await["e"], "");
    tokio::time::resume();
    assert_eq!(next_snap(&mut events).await["state"]["queue"], json!(["now"]));
}

#[tokio::test]
async fn w4_a_write_that_the_log_does_not_take_is_refused_sent_again_or_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, model, server) = moody(&folder).await;
    let epoch = epoch(&server).await;
    let post = async |n: u64, text: &str| {
        let batch = json!({ "e": epoch, "t": "page", "m": [{ "n": n, "ops": push(text) }] });
        let (status, answer) = server.post("tv", &batch).await;
        (status.as_u16(), answer["r"][0].clone())
    };
    let (status, large) = post(1, &"x".repeat(20_000)).await;
    assert_eq!((status, large["err"].as_str()), (200, Some("invalid")), "{large}");
    *engine.entries.lock().unwrap() = Entries::Away;
    assert_eq!(post(2, "later").await, (503, Value::Null));
    *engine.entries.lock().unwrap() = Entries::Stored;
    assert_eq!(post(2, "later").await.1["n"], 2);
    assert_eq!(model.get(Tv::PATHS.queue), ["later"]);
    *engine.entries.lock().unwrap() = Entries::Unanswered;
    assert_eq!(post(3, "lost").await, (200, json!({ "n": 3, "err": "forgotten" })));
}
