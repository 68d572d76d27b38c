//! W4, W7: a hang of the user's code, alone and beside another fault. While it lasts, a server on
//! another thread serves pages, those of the same store too where the code runs outside of locks.
//! Afterwards the write goes on.

use std::net::SocketAddr;
use std::pin::pin;
use std::thread;

use serde_json::json;
use sprag_web::{Stores, store};
use test_support::faults::{Armed, Fault, Gate, Runs, Site, arm, disarm, each, part};
use test_support::within;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::users::{Stage, policy};
use super::{FIRST, Scene, Try, may_end_a_stream, push};
use crate::support::{SOON, Server, Tv, open};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

type Call = Box<dyn FnOnce() + Send>;

/// A thread that serves, and makes calls between.
struct ServingThread {
    address: SocketAddr,
    /// Ends the thread when it is dropped.
    calls: mpsc::UnboundedSender<Call>,
}

impl ServingThread {
    async fn start(stores: Stores) -> Self {
        let (calls, mut called) = mpsc::unbounded_channel::<Call>();
        let (starts, started) = oneshot::channel();
        let serve = async move {
            let _ = starts.send(Server::start(stores).await.address);
            while let Some(call) = called.recv().await {
                call();
            }
        };
        thread::spawn(move || runtime().block_on(serve));
        Self { address: started.await.expect("the server starts"), calls }
    }

    async fn call<V: Send + 'static>(&self, call: impl FnOnce() -> V + Send + 'static) -> V {
        let (returns, returned) = oneshot::channel();
        let _ = self.calls.send(Box::new(move || drop(returns.send(call()))));
        returned.await.expect("the thread serves")
    }
}

/// Pushes with the faults; how often the code of each site ran.
async fn trial(armed: Vec<Armed>) -> Result<Runs, String> {
    let (tv, radio) = (store("tv", Stage::default()), store("radio", Tv::default()));
    let stores = Stores::new().add_with(&tv, policy()).add_with(&radio, open());
    let thread = ServingThread::start(stores.clone()).await;
    let server = Server { address: thread.address, stores: stores.clone() };
    let scene = Scene::begin(tv, server).await;
    let (hung, mut hangs) = mpsc::unbounded_channel();
    let (gate, go) = Gate::new(move |site| hung.send(site).unwrap_or_default());
    let may_end = may_end_a_stream(&armed);

    thread.call(move || arm(armed, Some(gate))).await;
    let (answer, runs) = {
        let mut write = pin!(async {
            let answer = scene.write(2, &push(2), Try::First).await;
            // The task that serialises the commit runs before the call.
            (answer, thread.call(disarm).await)
        });
        loop {
            tokio::select! {
                ended = &mut write => break ended,
                Some(site) = hangs.recv() => {
                    served_beside(&stores, site).await?;
                    let _ = go.send(());
                }
            }
        }
    };

    scene.check(&answer, may_end).await?;
    Ok(runs)
}

/// While code of `site` hangs, pages of another thread are served: those of another store, and of
/// the same one where no lock of the state is held.
async fn served_beside(stores: &Stores, site: Site) -> Result<(), String> {
    let (stores, name) = (stores.clone(), if site == Site::Authorize { "tv" } else { "radio" });
    let serve = spawn_blocking(move || runtime().block_on(serve(stores, name)));
    let served = timeout(2 * SOON, serve).await.map_err(|_| "it blocks its thread".to_owned());
    let served = served.and_then(|served| served.map_err(|panic| panic.to_string())?);
    served.map_err(|wrong| format!("a page of `{name}` beside a hang of {site:?}: {wrong}"))
}

/// A page opens the store `name` on a server of its own, writes, and opens it again.
async fn serve(stores: Stores, name: &str) -> Result<(), String> {
    let server = Server::start(stores).await;
    let query = format!("s={name}");
    let snap = server.stream(&query).await.expect("snap").await;
    let place = if name == "tv" { "one" } else { "volume" };
    let write = json!({ "n": 1, "ops": [["=", [place], 7]] });
    let batch = json!({ "e": snap["e"], "t": "other", "m": [write] });
    let (_, answer) = server.post(name, &batch).await;
    let version = &answer["r"][0]["v"];
    let shown = server.stream(&query).await.expect("snap").await;
    // The task that sends the commits of `tv` is on the thread that hangs.
    let is_shown = name == "tv" || (shown["v"] == *version && shown["state"][place] == 7);
    if version.is_u64() && is_shown {
        Ok(())
    } else {
        Err(format!("the answer is {answer}, and shown is {shown}"))
    }
}

fn run(armed: Vec<Armed>) -> Result<Runs, String> {
    within(20 * SOON, move || runtime().block_on(trial(armed)))
}

#[test]
fn w4_w7_a_hang_alone_and_beside_another_fault_holds_up_no_other_page() {
    let runs = run(vec![]).expect("it works without a fault");
    let (hangs, others): (Vec<Armed>, Vec<Armed>) =
        each(&runs, FIRST).into_iter().partition(|armed| armed.fault == Fault::Hang);
    let alone = hangs.iter().map(|hang| vec![*hang]);
    let beside = hangs.iter().flat_map(|hang| others.iter().map(|other| vec![*hang, *other]));
    let beside = beside.filter(|pair| pair[0].moment() != pair[1].moment());
    let trials: Vec<_> = part(alone, 0, 3).chain(part(beside, 0, 97)).collect();
    let count = trials.len();
    let failed =
        |armed: Vec<Armed>| run(armed.clone()).err().map(|error| format!("{armed:?}: {error}"));
    let wrong: Vec<String> = trials.into_iter().filter_map(failed).collect();
    let text = wrong[..wrong.len().min(40)].join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{text}", wrong.len());
}
