//! One case: a fault in one place, and the services whose code has it.

use std::future::pending;
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, Once};
use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt as _};
use sprag::prelude::*;
use sprag::service::ProcessCommand;
use tokio::sync::watch;

/// The text of the panics of the faulty code.
pub const PANIC: &str = "some panic";

/// Keeps the panics of the faulty code from being printed. A backtrace takes hundreds of
/// milliseconds on a busy machine, during which the only thread of a runtime runs no hook.
pub fn quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let text = panic.payload_as_str();
            if text != Some(PANIC) && !panic.payload().is::<Bomb>() {
                print(panic);
            }
        }));
    });
}

/// The payload of a panic that panics when it is dropped.
pub struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("{PANIC}");
    }
}

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Panic,
    Error,
    /// A future that never ends.
    Hang,
    /// Code that blocks its thread.
    Block,
    /// The end of the whole process.
    Abort,
}

/// A fault in one place, and what its services observe.
#[derive(Clone)]
pub struct Case {
    pub place: &'static str,
    pub fault: Fault,
    /// Becomes `true` once the app runs.
    pub running: watch::Sender<bool>,
    /// How often the faulty code was reached.
    pub reached: watch::Sender<usize>,
    /// How often the service that the faulty ones depend on was released.
    pub released: Arc<AtomicUsize>,
    /// Opens at that release. Until then, code that blocks its thread does.
    pub gate: Arc<Gate>,
}

impl Case {
    pub fn new(place: &'static str, fault: Fault) -> Self {
        Self {
            place,
            fault,
            running: watch::Sender::new(false),
            reached: watch::Sender::new(0),
            released: Arc::default(),
            gate: Arc::default(),
        }
    }

    /// The code of `place`, where it is synchronous.
    pub fn now(&self, place: &str) -> Result<(), &'static str> {
        if self.place != place {
            return Ok(());
        }
        self.reached.send_modify(|reached| *reached += 1);
        match self.fault {
            Fault::Panic => panic!("{PANIC}"),
            Fault::Error => return Err("some error"),
            Fault::Block => self.gate.pass(),
            Fault::Abort => std::process::abort(),
            Fault::Hang => {}
        }
        Ok(())
    }

    /// The code of `place`, where it is asynchronous.
    async fn later(&self, place: &str) -> Result<(), &'static str> {
        self.now(place)?;
        if self.place == place && self.fault == Fault::Hang {
            pending::<()>().await;
        }
        Ok(())
    }

    /// Like [`later`](Self::later), once the app runs.
    async fn when_running(&self, place: &str) -> Result<(), &'static str> {
        if *self.running.borrow() { self.later(place).await } else { Ok(()) }
    }

    async fn until_running(&self) {
        let mut running = self.running.subscribe();
        let _gone = running.wait_for(|running| *running).await.is_err();
    }

    /// A child process with this case's fault.
    fn command(&self) -> ProcessCommand {
        let script = match self.fault {
            Fault::Panic => "echo line; exec sleep 1000",
            Fault::Error => "exit 3",
            Fault::Hang => "echo line; exec sleep 1000",
            Fault::Block => "trap '' TERM; echo line; while :; do sleep 0.1; done",
            Fault::Abort => "kill -ABRT $$",
        };
        let case = self.clone();
        let on_line = move |_: sprag::service::OutputLine<'_>| {
            case.reached.send_modify(|reached| *reached += 1);
            assert!(case.fault != Fault::Panic, "{PANIC}");
        };
        let command = ProcessCommand::new("sh").args(["-c", script]).named("process");
        command.grace(Duration::from_millis(100)).on_line(on_line)
    }
}

/// Blocks threads until it opens.
#[derive(Default)]
pub struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    pub fn pass(&self) {
        let closed = self.is_open.lock().unwrap();
        drop(self.opened.wait_while(closed, |is_open| !*is_open).unwrap());
    }

    pub fn is_open(&self) -> bool {
        *self.is_open.lock().unwrap()
    }

    pub fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

#[derive(Event, Clone)]
pub struct Poked;

/// A job of the worker.
pub struct Job;

/// Released after `Faulty` and `Parent`, whatever they do.
pub struct Base;

#[service]
impl Base {
    fn new(case: Config<Case>, scope: &Scope) -> Self {
        scope.cleanup(move || {
            case.released.fetch_add(1, Ordering::SeqCst);
            case.gate.open();
        });
        Self
    }
}

pub struct Faulty {
    case: Config<Case>,
}

#[service(depends_on(Base))]
impl Faulty {
    async fn new(case: Config<Case>, scope: &Scope) -> Result<Self, &'static str> {
        let own = case.clone();
        scope.cleanup(move || own.now("cleanup").unwrap());
        case.later("new").await?;
        Ok(Self { case })
    }

    async fn on_start(&self) -> Result<(), &'static str> {
        self.case.later("on_start").await
    }

    #[task]
    async fn task(&self, scope: &Scope) -> Result<(), &'static str> {
        let _cancelled = scope.until_cancelled(self.case.until_running()).await.is_none();
        self.case.later("task").await
    }

    #[task]
    async fn process_task(&self, scope: &Scope) -> sprag::Result<()> {
        let is_running = scope.until_cancelled(self.case.until_running()).await.is_some();
        if is_running && self.case.place == "process" {
            scope.process(self.case.command()).await?;
        }
        Ok(())
    }

    #[interval("1ms")]
    async fn interval(&self) -> Result<(), &'static str> {
        self.case.when_running("interval").await
    }

    #[worker(1)]
    async fn worker(&self, _: Job) -> Result<(), &'static str> {
        self.case.later("worker").await
    }

    #[worker(1)]
    fn thread_worker(&self, _: Arc<Job>) -> Result<(), &'static str> {
        self.case.now("worker on a thread")
    }

    #[watch(poll = "1ms", call = changed)]
    async fn watcher(&self) -> Result<u8, &'static str> {
        self.case.when_running("watcher").await?;
        Ok(0)
    }

    fn changed(&self, _: &u8) {}

    /// Has one item, once the app runs.
    #[watch(call = received)]
    async fn stream(&self, scope: &Scope) -> Result<impl Stream<Item = u8> + use<>, &'static str> {
        let _cancelled = scope.until_cancelled(self.case.until_running()).await.is_none();
        self.case.later("stream").await?;
        Ok(stream::iter([0]).chain(stream::pending()))
    }

    async fn received(&self, _: u8) -> Result<(), &'static str> {
        self.case.later("receiver of a watch").await
    }

    #[listen]
    fn listener(&self, _: &Poked) -> Result<(), &'static str> {
        self.case.now("listener")
    }

    #[listen]
    async fn async_listener(&self, _: &Poked) -> Result<(), &'static str> {
        self.case.later("async listener").await
    }

    #[health]
    async fn health(&self) -> Result<(), &'static str> {
        self.case.later("health").await
    }

    async fn on_stop(&self) -> Result<(), &'static str> {
        self.case.later("on_stop").await
    }

    async fn on_stopped(&self) -> Result<(), &'static str> {
        self.case.later("on_stopped").await
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        if self.case.place == "drop" {
            self.case.now("drop").unwrap();
        }
    }
}

/// A child of `Parent`.
pub struct Leaf {
    case: Config<Case>,
}

#[service]
impl Leaf {
    async fn new(case: Config<Case>, scope: &Scope) -> Result<Self, &'static str> {
        let own = case.clone();
        scope.cleanup(move || own.now("cleanup of a child").unwrap());
        case.later("new of a child").await?;
        Ok(Self { case })
    }

    #[task]
    async fn task(&self) -> Result<(), &'static str> {
        self.case.later("task of a child").await
    }

    async fn on_stop(&self) -> Result<(), &'static str> {
        self.case.later("on_stop of a child").await
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        self.case.now("drop of a child").unwrap();
    }
}

pub struct Parent {
    pub scope: Scope,
}

#[service(depends_on(Base))]
impl Parent {
    fn new(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

app! { pub Trial(Case) { Faulty, Base, Parent } }
