//! W4, W12: stores over a state whose writes leave the process.

use serde_json::{Value, json};
use sprag::prelude::*;
use sprag::state::{Changeset, View};
use sprag_web::{Backing, BackingError, Published, Stores, store_over};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::live::epoch;
use crate::support::{Server, Tv};

/// The reply of a remote state to one write.
#[derive(Debug)]
enum Reply {
    Make,
    Unavailable,
    Unknown,
}

/// A model whose writes wait until the test replies.
struct Far {
    model: Model<Tv>,
    writes: mpsc::UnboundedSender<oneshot::Sender<Reply>>,
}

impl Backing<Tv> for Far {
    fn view(&self) -> &View<Tv> {
        &self.model
    }

    async fn apply_if<E, N, X>(
        &self,
        set: Changeset,
        now: N,
        next: X,
    ) -> Result<u64, BackingError<E>>
    where
        E: Send + 'static,
        N: Fn(&Tv) -> Result<(), E> + Send + 'static,
        X: Fn(&Tv) -> Result<(), E> + Send + 'static,
    {
        let (reply, replied) = oneshot::channel();
        self.writes.send(reply).expect("the test goes on");
        match replied.await.expect("the test replies") {
            Reply::Make => Backing::apply_if(&self.model, set, now, next).await,
            Reply::Unavailable => Err(BackingError::Unavailable("away".to_owned())),
            Reply::Unknown => Err(BackingError::Unknown("late".to_owned())),
        }
    }
}

/// A server with a remote store, and the writes that wait for a reply.
struct Setup {
    server: Server,
    store: Published<Tv, Far>,
    writes: Mutex<mpsc::UnboundedReceiver<oneshot::Sender<Reply>>>,
}

impl Setup {
    async fn start() -> Self {
        let (sender, writes) = mpsc::unbounded_channel();
        let model = create_model("far", Tv::default());
        let store = store_over("tv", Far { model, writes: sender });
        let server = Server::start(Stores::new().add(&store)).await;
        Self { server, store, writes: Mutex::new(writes) }
    }

    async fn next_write(&self) -> oneshot::Sender<Reply> {
        self.writes.lock().await.recv().await.expect("the store lives")
    }

    /// Posts `batch` and replies to its one write.
    async fn post(&self, batch: &Value, reply: Reply) -> (u16, Value) {
        let replied = async { self.next_write().await.send(reply).unwrap() };
        let ((status, answer), ()) = tokio::join!(self.server.post("tv", batch), replied);
        (status.as_u16(), answer["r"].clone())
    }
}

fn push(epoch: &str, n: u64) -> Value {
    let ops = json!([["+", ["queue", "-"], "once"]]);
    json!({ "e": epoch, "t": "page", "m": [{ "n": n, "ops": ops }] })
}

#[tokio::test]
async fn w12_a_store_over_a_backing_is_read_and_written_as_others() {
    let setup = Setup::start().await;
    let epoch = epoch(&setup.server).await;
    let mut events = setup.server.stream(&format!("s=tv@{epoch}.0")).await;
    let made = setup.post(&push(&epoch, 1), Reply::Make).await;
    assert_eq!(made, (200, json!([{ "n": 1, "v": 1 }])));
    let change = events.expect("change").await;
    assert_eq!((&change["by"], &change["to"]), (&json!(["page", 1]), &json!(1)));
    setup.store.model.set(Tv::PATHS.volume, 3);
    assert_eq!(events.expect("change").await["ops"], json!([["=", ["volume"], 3]]));
}

#[tokio::test]
async fn w4_a_write_whose_request_is_dropped_is_made_once_and_answered_to_the_retry() {
    let setup = Setup::start().await;
    let epoch = epoch(&setup.server).await;
    let batch = push(&epoch, 1);
    let waiting = tokio::select! {
        _ = setup.server.post("tv", &batch) => panic!("the write waits"),
        waiting = setup.next_write() => waiting,
    };
    // The first request's connection is gone; the retry waits for the first write.
    let (again, ()) = tokio::join!(setup.server.post("tv", &batch), async {
        waiting.send(Reply::Make).expect("the write goes on");
    });
    assert_eq!(again.1["r"], json!([{ "n": 1, "v": 1 }]));
    assert_eq!(setup.store.model.get(Tv::PATHS.queue), ["once"]);
}

#[tokio::test]
async fn w4_a_write_that_a_backing_does_not_make_is_sent_again_under_its_number() {
    let setup = Setup::start().await;
    let epoch = epoch(&setup.server).await;
    let refused = setup.post(&push(&epoch, 1), Reply::Unavailable).await;
    assert_eq!(refused, (503, Value::Null));
    let made = setup.post(&push(&epoch, 1), Reply::Make).await;
    assert_eq!(made, (200, json!([{ "n": 1, "v": 1 }])));
}

#[tokio::test]
async fn w4_a_write_whose_outcome_is_unknown_is_never_made_again() {
    let setup = Setup::start().await;
    let epoch = epoch(&setup.server).await;
    let unknown = (200, json!([{ "n": 1, "err": "forgotten" }]));
    assert_eq!(setup.post(&push(&epoch, 1), Reply::Unknown).await, unknown);
    let (_, answer) = setup.server.post("tv", &push(&epoch, 1)).await;
    assert_eq!((answer["r"].clone(), setup.store.model.version()), (unknown.1, 0));
}
