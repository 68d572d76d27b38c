//! W2, W4, W7: a fault in each of the user's functions that a write or a stream calls, one at a
//! time and two at a time, also with a client that leaves. After each: the write was made at most
//! once, and not where the answer says so; its page can go on, and every stream is live.
//!
//! A run without faults finds out where users' code runs; the faults are generated from that.
//! The test command runs a part of them, and `SPRAG_FAULTS=1` runs all.

mod users;

use serde_json::{Value, json};
use sprag_web::{Stores, store};
use test_support::faults::{Runs, each, pairs, part};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use self::users::{Armed, SITES, Site, Stage, arm, disarm, policy};
use crate::live::epoch;
use crate::support::Server;

/// A write with faults.
#[derive(Clone, Debug, Default)]
struct Trial {
    armed: Vec<Armed>,
    /// After how many turns of the server its client closes the connection.
    leaves: Option<usize>,
}

impl Trial {
    /// Whether neither the commit nor the state in its place can be serialised: then a stream
    /// ends, and its page opens another one.
    fn may_end_a_stream(&self) -> bool {
        self.armed.iter().filter(|armed| armed.site == Site::Serialize).count() > 1
    }

    /// Pushes with the faults; how often the code of each site ran.
    async fn run(&self) -> Result<Runs<Site>, String> {
        let tv = store("tv", Stage::default());
        let server = Server::start(Stores::new().add_with(&tv, policy())).await;
        let mut live = server.stream("s=tv").await;
        live.expect("snap").await;
        let epoch = epoch(&server).await;
        let push = |one: u32| json!([["+", ["list", "-"], 5], ["=", ["one"], one]]);
        write(&server, &epoch, 1, &push(1), Try::First).await;
        live.expect("change").await;

        arm(self.armed.clone());
        let next = match self.leaves {
            None => Try::First,
            Some(turns) => {
                leave(&server, &body(&epoch, 2, &push(2), Try::First), turns).await;
                Try::Again
            }
        };
        let answer = write(&server, &epoch, 2, &push(2), next).await;
        // The task that serialises the commit runs before the next request.
        tokio::task::yield_now().await;
        let runs = disarm();

        let pushed = tv.snapshot().list.len();
        let (is_made, error) = (pushed == 2, &answer["err"]);
        let fits = match error.as_str() {
            None => is_made,
            Some("forgotten") => true,
            Some(_) => !is_made,
        };
        if pushed > 2 || !fits {
            return Err(format!("{pushed} are pushed, and the answer is {answer}"));
        }
        let later = write(&server, &epoch, 3, &json!([["=", ["one"], 9]]), Try::First).await;
        if !later["err"].is_null() {
            return Err(format!("a later write: {later}"));
        }
        loop {
            let Some((name, data)) = live.next().await else {
                if !self.may_end_a_stream() {
                    return Err("the stream ended".into());
                }
                live = server.stream("s=tv").await;
                continue;
            };
            let at = if name == "snap" { &data["v"] } else { &data["to"] };
            if *at == later["v"] {
                break;
            }
        }
        let shown = server.stream("s=tv").await.expect("snap").await["state"]["list"].clone();
        match shown.as_array().map(Vec::len) == Some(pushed) {
            true => Ok(runs),
            false => Err(format!("{pushed} are pushed, and shown is {shown}")),
        }
    }
}

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

/// Each fault that the code of a write can have.
async fn faults() -> Vec<Armed> {
    let runs = Trial::default().run().await.expect("it works without a fault");
    let unreached: Vec<_> = SITES.iter().filter(|site| !runs.contains_key(site)).collect();
    assert!(unreached.is_empty(), "{unreached:?} are never reached");
    each(&runs, 8, Site::faults)
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
