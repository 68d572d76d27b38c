//! W2, W4, W7: a fault in each of the user's functions that a write or a stream calls, one at a
//! time and two at a time, also with a client that leaves; [`hangs`] has those that last. After each: the write was made at most
//! once, and not where the answer says so; its page can go on, and every stream is live.
//!
//! A run without faults finds out where users' code runs; the faults are generated from that.
//! The test command runs a part of them, and `SPRAG_FAULTS=1` runs all.

mod hangs;
mod users;

use serde_json::{Value, json};
use sprag_web::{Published, Stores, store};
use test_support::faults::{Armed, Fault, Method, Runs, Site, arm, disarm, each, pairs, part};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use self::users::{SITES, Stage, policy};
use crate::live::epoch;
use crate::support::{Events, Server};

/// A write with faults.
#[derive(Clone, Debug, Default)]
struct Trial {
    armed: Vec<Armed>,
    /// After how many turns of the server its client closes the connection.
    leaves: Option<usize>,
}

impl Trial {
    /// Pushes with the faults; how often the code of each site ran.
    async fn run(&self) -> Result<Runs, String> {
        let tv = store("tv", Stage::default());
        let server = Server::start(Stores::new().add_with(&tv, policy())).await;
        let scene = Scene::begin(tv, server).await;

        arm(self.armed.clone(), None);
        let next = match self.leaves {
            None => Try::First,
            Some(turns) => {
                leave(&scene.server, &body(&scene.epoch, 2, &push(2), Try::First), turns).await;
                Try::Again
            }
        };
        let answer = scene.write(2, &push(2), next).await;
        // The task that serialises the commit runs before the next request.
        tokio::task::yield_now().await;
        let runs = disarm();

        scene.check(&answer, may_end_a_stream(&self.armed)).await?;
        Ok(runs)
    }
}

/// Whether neither the commit nor the state in its place can be serialised: then a stream
/// ends, and its page opens another one.
fn may_end_a_stream(armed: &[Armed]) -> bool {
    let fails =
        |armed: &&Armed| armed.site == Site::Value(Method::Serialize) && armed.fault != Fault::Hang;
    armed.iter().filter(fails).count() > 1
}

/// A page that has made one push, and whose stream has brought it.
struct Scene {
    tv: Published<Stage>,
    server: Server,
    epoch: String,
    live: Events,
}

impl Scene {
    async fn begin(tv: Published<Stage>, server: Server) -> Self {
        let mut live = server.stream("s=tv").await;
        live.expect("snap").await;
        let epoch = epoch(&server).await;
        let mut scene = Self { tv, server, epoch, live };
        scene.write(1, &push(1), Try::First).await;
        scene.live.expect("change").await;
        scene
    }

    async fn write(&self, n: u64, ops: &Value, this: Try) -> Value {
        write(&self.server, &self.epoch, n, ops, this).await
    }

    /// Checks what followed from the second push, whose `answer` this is.
    async fn check(mut self, answer: &Value, may_end: bool) -> Result<(), String> {
        let pushed = self.tv.snapshot().list.len();
        let (is_made, error) = (pushed == 2, &answer["err"]);
        let fits = match error.as_str() {
            None => is_made,
            Some("forgotten") => true,
            Some(_) => !is_made,
        };
        if pushed > 2 || !fits {
            return Err(format!("{pushed} are pushed, and the answer is {answer}"));
        }
        let later = self.write(3, &json!([["=", ["one"], 9]]), Try::First).await;
        if !later["err"].is_null() {
            return Err(format!("a later write: {later}"));
        }
        self.reach(&later["v"], may_end).await?;
        let shown = self.server.stream("s=tv").await.expect("snap").await["state"]["list"].clone();
        match shown.as_array().map(Vec::len) == Some(pushed) {
            true => Ok(()),
            false => Err(format!("{pushed} are pushed, and shown is {shown}")),
        }
    }

    /// Reads the stream up to `version`.
    async fn reach(&mut self, version: &Value, may_end: bool) -> Result<(), String> {
        loop {
            let Some((name, data)) = self.live.next().await else {
                if !may_end {
                    return Err("the stream ended".into());
                }
                self.live = self.server.stream("s=tv").await;
                continue;
            };
            let at = if name == "snap" { &data["v"] } else { &data["to"] };
            if at == version {
                return Ok(());
            }
        }
    }
}

fn push(one: u32) -> Value {
    json!([["+", ["list", "-"], 5], ["=", ["one"], one]])
}

/// At how many of its first runs code fails.
const FIRST: usize = 8;

/// Whether the page may have sent the write before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Try {
    First,
    Again,
}

fn body(epoch: &str, n: u64, ops: &Value, this: Try) -> Value {
    let write = json!({ "n": n, "again": this == Try::Again, "ops": ops });
    json!({ "e": epoch, "t": "page", "m": [write] })
}

/// Posts a write, and again as a client does whose connection has failed.
async fn write(server: &Server, epoch: &str, n: u64, ops: &Value, mut this: Try) -> Value {
    loop {
        if let Some((_, answer)) = server.try_post("tv", &body(epoch, n, ops, this)).await {
            return answer["r"][0].clone();
        }
        this = Try::Again;
    }
}

/// Posts a write, and closes the connection when the server has had so many turns.
async fn leave(server: &Server, body: &Value, turns: usize) {
    let (host, body) = (server.address, body.to_string());
    let head = format!(
        "POST /sprag/store/tv HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let mut tcp = TcpStream::connect(host).await.expect("the server listens");
    tcp.write_all((head + &body).as_bytes()).await.expect("the server reads");
    for _ in 0..turns {
        tokio::task::yield_now().await;
    }
}

/// Each fault that the code of a write can have and that ends by itself.
async fn faults() -> Vec<Armed> {
    let runs = Trial::default().run().await.expect("it works without a fault");
    let unreached: Vec<_> = SITES.iter().filter(|site| !runs.contains_key(site)).collect();
    assert!(unreached.is_empty(), "{unreached:?} are never reached");
    let mut faults = each(&runs, FIRST);
    faults.retain(|armed| armed.fault != Fault::Hang);
    faults
}

async fn expect_none(trials: impl Iterator<Item = Trial>) {
    let (mut count, mut wrong) = (0, Vec::new());
    for trial in trials {
        count += 1;
        if let Err(error) = trial.run().await {
            wrong.push(format!("{trial:?}: {error}"));
        }
    }
    let text = wrong[..wrong.len().min(40)].join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{text}", wrong.len());
}

#[tokio::test]
async fn w4_a_fault_of_users_code_makes_no_write_twice_and_ends_no_stream() {
    let faults = faults().await;
    expect_none(faults.iter().map(|fault| Trial { armed: vec![*fault], leaves: None })).await;
}

#[tokio::test]
async fn w4_two_faults_of_users_code_make_no_write_twice_and_end_no_stream() {
    let faults = faults().await;
    let pairs = part(pairs(&faults), 0, 11);
    expect_none(pairs.map(|armed| Trial { armed, leaves: None })).await;
}

#[tokio::test]
async fn w4_a_client_that_leaves_beside_a_fault_makes_no_write_twice() {
    let faults = faults().await;
    let alone = (0..8).map(|turns| Trial { armed: vec![], leaves: Some(turns) });
    let beside = faults.iter().flat_map(|fault| {
        (0..8).map(move |turns| Trial { armed: vec![*fault], leaves: Some(turns) })
    });
    expect_none(part(alone.chain(beside), 0, 7)).await;
}
