//! W2, W4, W7: a panic in each of the user's functions that a write or a stream calls. After
//! each, the write was made at most once, its page can go on, and every stream is live.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Policy, Stores, store};

use crate::live::epoch;
use crate::support::Server;

/// Code of the user's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
enum Site {
    Clone,
    Eq,
    Drop,
    Serialize,
    Deserialize,
    Authorize,
    Validate,
}

use Site::{
    Authorize, Clone as Cloning, Deserialize as Reading, Drop as Dropping, Eq as Comparing,
};
use Site::{Serialize as Writing, Validate};

const SITES: [Site; 7] = [Cloning, Comparing, Dropping, Writing, Reading, Authorize, Validate];

/// Which site panics, and at which of its next runs.
#[derive(Debug, Default)]
struct Armed {
    /// One more than the site; 0 for none.
    site: AtomicUsize,
    runs_before: AtomicUsize,
    panicked: AtomicUsize,
}

type Arming = Arc<Armed>;

impl Armed {
    fn arm(&self, site: Site, runs_before: usize) {
        self.runs_before.store(runs_before, SeqCst);
        self.panicked.store(0, SeqCst);
        self.site.store(site as usize + 1, SeqCst);
    }

    /// Whether the site panicked since it was armed.
    fn disarm(&self) -> bool {
        self.site.store(0, SeqCst);
        self.panicked.load(SeqCst) > 0
    }

    fn reach(&self, site: Site) {
        if self.site.load(SeqCst) != site as usize + 1 || std::thread::panicking() {
            return;
        }
        let left = |left: usize| left.checked_sub(1);
        if self.runs_before.fetch_update(SeqCst, SeqCst, left).is_err()
            && self.panicked.fetch_add(1, SeqCst) == 0
        {
            std::panic::resume_unwind(Box::new("code of the user's"));
        }
    }
}

thread_local! {
    /// The test's, whose runtime has one thread.
    static ARMED: Arming = Arming::default();
}

fn armed() -> Arming {
    ARMED.with(Arc::clone)
}

fn reach(site: Site) {
    let _ = ARMED.try_with(|armed| armed.reach(site));
}

#[derive(Model, Debug, Default)]
#[model(leaf, ts = "number")]
struct V(u32);

impl Clone for V {
    fn clone(&self) -> Self {
        reach(Cloning);
        Self(self.0)
    }
}

impl PartialEq for V {
    fn eq(&self, other: &Self) -> bool {
        reach(Comparing);
        self.0 == other.0
    }
}

impl Drop for V {
    fn drop(&mut self) {
        reach(Dropping);
    }
}

impl Serialize for V {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        reach(Writing);
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for V {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        reach(Reading);
        u32::deserialize(deserializer).map(V)
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
struct Stage {
    one: V,
    list: Vec<V>,
}

fn policy() -> Policy<Stage> {
    let authorize = |(): &(), _: &_| {
        reach(Authorize);
        Ok(())
    };
    let validate = |_: &Stage| {
        reach(Validate);
        Ok(())
    };
    Policy::new().authorize(authorize).validate(validate)
}

/// Posts a write, and once more as a client does whose connection has failed.
async fn write(server: &Server, epoch: &str, n: u64, ops: &Value) -> Value {
    let post = |again: bool| {
        let write = json!({ "n": n, "again": again, "ops": ops });
        json!({ "e": epoch, "t": "page", "m": [write] })
    };
    match server.try_post("tv", &post(false)).await {
        Some((_, answer)) => answer["r"][0].clone(),
        None => server.post("tv", &post(true)).await.1["r"][0].clone(),
    }
}

/// The list as a new stream shows it.
async fn shown(server: &Server) -> Value {
    server.stream("s=tv").await.expect("snap").await["state"]["list"].clone()
}

/// Pushes with a panic at the run `runs_before` of `site`; whether the site ran so often.
async fn trial(site: Site, runs_before: usize) -> bool {
    let what = format!("{site:?} {runs_before}");
    let tv = store("tv", Stage::default());
    let server = Server::start(Stores::new().add_with(&tv, policy())).await;
    let mut live = server.stream("s=tv").await;
    live.expect("snap").await;
    let epoch = epoch(&server).await;
    let push = |one: u32| json!([["+", ["list", "-"], 5], ["=", ["one"], one]]);
    write(&server, &epoch, 1, &push(1)).await;
    live.expect("change").await;

    armed().arm(site, runs_before);
    let answer = write(&server, &epoch, 2, &push(2)).await;
    // The task that serialises the commit runs before the next request.
    tokio::task::yield_now().await;
    let has_panicked = armed().disarm();

    let is_made = tv.snapshot().list.len() == 2;
    assert!(tv.snapshot().list.len() <= 2, "{what}: the write was made twice");
    if answer["err"].is_null() {
        assert!(is_made, "{what}: {answer}");
    } else if answer["err"] != "forgotten" {
        assert!(!is_made, "{what}: {answer}");
    }
    let answer = write(&server, &epoch, 3, &json!([["=", ["one"], 9]])).await;
    assert!(answer["err"].is_null(), "{what}: a later write: {answer}");
    let version = answer["v"].clone();
    loop {
        let (name, data) = live.next().await.unwrap_or_else(|| panic!("{what}: the stream ended"));
        let at = if name == "snap" { &data["v"] } else { &data["to"] };
        if *at == version {
            break;
        }
    }
    assert_eq!(shown(&server).await.as_array().map(Vec::len), Some(1 + usize::from(is_made)));
    has_panicked
}

#[tokio::test]
async fn w4_a_panic_of_users_code_makes_no_write_twice_and_ends_no_stream() {
    for site in SITES {
        let mut runs = 0;
        while trial(site, runs).await {
            runs += 1;
        }
        assert!(runs > 0, "{site:?} is never reached");
    }
}
