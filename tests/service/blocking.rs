//! S5: hooks that are not async run on threads that may block, and keep no other code of the
//! app from running, even on a runtime of one thread.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::app::Ended;
use sprag::prelude::*;
use sprag::start_with;
use test_support::within;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::support::{LIMIT, short};

/// A runtime of one thread, and one of a thread of its own.
fn runtimes() -> [Runtime; 2] {
    let one = Builder::new_current_thread().enable_all().build().unwrap();
    [one, Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()]
}

/// A service whose hooks wait for a task of the runtime.
pub struct Patient {
    hooks: UnboundedSender<&'static str>,
    doors: Mutex<Receiver<()>>,
}

impl Patient {
    fn wait(&self, hook: &'static str) {
        self.hooks.send(hook).unwrap();
        self.doors.lock().unwrap().recv().unwrap();
    }
}

#[service]
impl Patient {
    fn new(_scope: &Scope) -> Self {
        unreachable!("the tests make it")
    }

    fn on_start(&self) {
        self.wait("on_start");
    }

    #[interval("1ms")]
    fn tick(&self) {
        self.wait("tick");
    }

    fn on_stop(&self, _scope: &Scope) -> sprag::Result<()> {
        self.wait("on_stop");
        Ok(())
    }

    fn on_stopped(&self) {
        self.wait("on_stopped");
    }
}

/// Opens the door for each hook, on a thread of the runtime.
async fn open(
    mut hooks: UnboundedReceiver<&'static str>,
    door: Sender<()>,
    ticked: tokio::sync::oneshot::Sender<()>,
) -> Vec<&'static str> {
    let (mut seen, mut ticked) = (Vec::new(), Some(ticked));
    while let Some(hook) = hooks.recv().await {
        door.send(()).unwrap();
        if hook == "tick" {
            let _stopping = ticked.take().map(|ticked| ticked.send(()));
        }
        if !seen.contains(&hook) {
            seen.push(hook);
        }
    }
    seen
}

#[test]
fn s5_hooks_that_are_not_async_keep_no_task_of_the_only_thread_from_running() {
    within(LIMIT, || {
        for runtime in runtimes() {
            let (hooks, reached) = unbounded_channel();
            let (door, doors) = channel();
            runtime.block_on(async {
                let (ticked, tick) = tokio::sync::oneshot::channel();
                let opener = tokio::spawn(open(reached, door, ticked));
                let patient = Patient { hooks, doors: Mutex::new(doors) };
                let service = start_with(Scope::new("patient"), patient).await.unwrap();
                tick.await.unwrap();
                let report = service.stop().await;
                assert!(report.is_clean(), "{report}");
                drop(service);
                let seen = opener.await.unwrap();
                assert_eq!(seen, ["on_start", "tick", "on_stop", "on_stopped"]);
            });
        }
    });
}

/// A service with an interval and a poll that do not return before the test permits.
pub struct Stuck {
    reached: UnboundedSender<()>,
    doors: Mutex<Receiver<()>>,
    waits: Arc<AtomicUsize>,
}

#[service]
impl Stuck {
    fn new(_scope: &Scope) -> Self {
        unreachable!("the tests make it")
    }

    #[interval("1ms")]
    fn tick(&self) {
        if self.waits.fetch_add(1, Ordering::SeqCst) == 0 {
            self.reached.send(()).unwrap();
            let _gone = self.doors.lock().unwrap().recv().is_err();
        }
    }
}

#[test]
fn s5_an_interval_that_blocks_its_thread_is_leaked_and_the_others_go_on() {
    within(LIMIT, || {
        for runtime in runtimes() {
            let (reached, mut inside) = unbounded_channel();
            let (door, doors) = channel();
            runtime.block_on(async {
                let stuck = Stuck { reached, doors: Mutex::new(doors), waits: Arc::default() };
                let service = start_with(Scope::new("stuck"), stuck).limits(short()).await.unwrap();
                inside.recv().await.unwrap();
                let report = service.stop().await;
                let steps = report.services()[0].steps();
                let leaked = steps.iter().find(|step| step.ended() == Ended::Leaked);
                assert_eq!(leaked.map(sprag::app::Step::name), Some("tick"), "{report}");
                assert!(!report.is_clean());
            });
            drop(door);
        }
    });
}

/// A service whose hooks fail in each way. The interval may run again before the app stops, so
/// its first call alone fails.
#[derive(Default)]
pub struct Failing {
    ticked: AtomicBool,
}

#[service]
impl Failing {
    fn new(_scope: &Scope) -> Self {
        unreachable!("the tests make it")
    }

    #[interval("1ms")]
    fn tick(&self, scope: &Scope) {
        if !self.ticked.swap(true, Ordering::SeqCst) {
            scope.shutdown();
            panic!("some panic");
        }
    }

    fn on_stop(&self) -> Result<(), &'static str> {
        Err("some error")
    }

    fn on_stopped(&self) {
        panic!("some panic");
    }
}

#[tokio::test]
async fn s5_failures_of_hooks_that_are_not_async_are_in_the_report() {
    let service = start_with(Scope::new("failing"), Failing::default()).await.unwrap();
    let report = service.stopped().await;
    let report = &report.services()[0];
    let step = |name: &str| report.step(name).map(|step| (step.ended(), step.error().unwrap()));
    assert_eq!(step("on_stop"), Some((Ended::Failed, "some error")));
    assert_eq!(step("on_stopped").map(|(ended, _)| ended), Some(Ended::Panicked));
    let failures = &report.failures()[0];
    assert_eq!((failures.hook(), failures.failed()), ("tick", 1));
    assert!(failures.last_error().unwrap().contains("some panic"));
}

/// A service whose interval counts.
pub struct Counting {
    calls: Arc<AtomicUsize>,
}

#[service]
impl Counting {
    fn new(_scope: &Scope) -> Self {
        unreachable!("the tests make it")
    }

    #[interval("60s")]
    fn count(&self) {
        self.calls.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn s5_a_paused_clock_waits_for_hooks_that_are_not_async() {
    let calls = Arc::<AtomicUsize>::default();
    let counting = Counting { calls: Arc::clone(&calls) };
    let service = start_with(Scope::new("counting"), counting).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3_630)).await;
    assert_eq!(calls.load(Ordering::SeqCst), 60);
    assert!(service.stop().await.is_clean());
}
