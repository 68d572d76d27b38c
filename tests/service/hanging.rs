//! S9: a call that does not return is in the health while it runs.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use futures_util::stream::{self, Stream};
use sprag::app::{AppHealth, RunningHook};
use sprag::prelude::*;
use test_support::within_async;

use super::support::{LIMIT, Poked};

const MINUTE: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub struct Job;

/// Each of its async hooks hangs at its first call, but for `works`.
pub struct Hanging {
    seen: Store<u32>,
}

#[service(own(seen))]
impl Hanging {
    fn new() -> Self {
        Self { seen: create_store("seen", 0) }
    }

    #[watch(poll = "5s", into = seen)]
    async fn polled(&self) -> u32 {
        std::future::pending().await
    }

    #[watch(into = seen)]
    async fn followed(&self) -> impl Stream<Item = u32> + use<> {
        std::future::pending::<()>().await;
        stream::iter([])
    }

    /// Open, and silent.
    #[watch(into = seen)]
    fn silent(&self) -> impl Stream<Item = u32> + use<> {
        stream::pending()
    }

    #[interval("20s")]
    async fn ticks(&self) {
        std::future::pending::<()>().await;
    }

    #[interval("1s")]
    async fn works(&self) {}

    #[listen]
    async fn heard(&self, _event: &Poked) {
        std::future::pending::<()>().await;
    }

    #[worker(3)]
    async fn done(&self, _job: Job) {
        std::future::pending::<()>().await;
    }
}

app! { pub Hangs { Hanging } }

fn lines(health: &AppHealth, name: &str) -> Vec<String> {
    health.running(name).iter().map(RunningHook::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn s9_each_call_that_hangs_is_in_the_health_until_the_stop() {
    let hanging = Hangs::start().await.unwrap();
    let queue = hanging.handle::<Hanging>().queue();
    queue.send(Job).await.unwrap();
    tokio::time::sleep(MINUTE).await;
    queue.send(Job).await.unwrap();
    hanging.bus().emit(Poked { by: 1 });
    tokio::time::sleep(MINUTE).await;

    let health = hanging.health().await;
    let expected = [
        "done runs 2 times, the oldest for 120.0 s",
        "followed has been running for 120.0 s",
        "heard has been running for 60.0 s",
        "polled has been running for 120.0 s",
        "ticks has been running for 100.0 s",
    ];
    assert_eq!(lines(&health, "Hanging"), expected, "{health}");
    assert!(expected.iter().all(|line| health.to_string().contains(line)), "{health}");
    let done = &health.running("Hanging")[0];
    assert_eq!((done.hook(), done.calls(), done.longest()), ("done", 2, 2 * MINUTE));
    assert!(health.status().is_healthy());
    hanging.stop().await;
    assert_eq!(lines(&hanging.health().await, "Hanging"), [""; 0]);
}

/// A child of it hangs.
pub struct Parent;

#[service]
impl Parent {
    fn new() -> Self {
        Self
    }

    async fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
        scope.child("first", |_| Hanging::new()).await?;
        Ok(())
    }
}

app! { pub HasChild { Parent } }

#[tokio::test(start_paused = true)]
async fn s9_a_call_of_a_child_that_hangs_is_in_the_health_of_its_parent() {
    let parent = HasChild::start().await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let health = parent.health().await;
    let polled = health.running("Parent").iter().find(|hook| hook.hook() == "Parent/first: polled");
    assert!(polled.is_some_and(|polled| polled.longest() >= Duration::from_secs(10)), "{health}");
    parent.stop().await;
}

/// Its hooks wait on their threads until the test releases them.
pub struct Blocking {
    gate: Config<Gate>,
    seen: Store<u32>,
}

pub struct Gate {
    entered: mpsc::Sender<()>,
    go: Mutex<mpsc::Receiver<()>>,
}

#[service(own(seen))]
impl Blocking {
    fn new(gate: Config<Gate>) -> Self {
        Self { gate, seen: create_store("seen", 0) }
    }

    #[watch(poll = "1h", into = seen)]
    fn polled(&self) -> u32 {
        self.heard(&Poked { by: 0 });
        1
    }

    #[listen]
    fn heard(&self, _event: &Poked) {
        self.gate.entered.send(()).unwrap();
        let _released = self.gate.go.lock().unwrap().recv();
    }

    #[worker(1)]
    fn done(&self, _job: Job) {
        self.heard(&Poked { by: 0 });
    }
}

app! { pub Blocks(Gate) { Blocking } }

#[tokio::test]
async fn s9_a_call_that_blocks_its_thread_is_in_the_health_until_it_returns() {
    within_async(LIMIT, async {
        let ((entered, inside), (release, go)) = (mpsc::channel(), mpsc::channel());
        let gate = Gate { entered, go: Mutex::new(go) };
        let blocking = Blocks::start(gate).await.unwrap();
        blocking.handle::<Blocking>().queue().send(Job).await.unwrap();
        let bus = blocking.bus().clone();
        let emitter = std::thread::spawn(move || bus.emit(Poked { by: 1 }));
        let inside = tokio::task::spawn_blocking(move || {
            assert_eq!(inside.iter().take(3).count(), 3);
            inside
        });
        let _inside = inside.await.unwrap();

        let health = blocking.health().await;
        let hooks: Vec<_> = health.running("Blocking").iter().map(RunningHook::hook).collect();
        assert_eq!(hooks, ["done", "heard", "polled"]);
        (0..3).for_each(|_| release.send(()).unwrap());
        emitter.join().unwrap();
        while !blocking.health().await.running("Blocking").is_empty() {
            tokio::task::yield_now().await;
        }
        blocking.stop().await;
    })
    .await;
}
