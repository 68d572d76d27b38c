//! The services of a pair of faults: `Upper` depends on `Middle`, `Middle` on `Lower`, and
//! `Lower` on `Ground`. The hooks of `Middle` are not async.

use std::future::pending;
use std::panic::panic_any;
use std::sync::{Arc, Mutex};

use sprag::prelude::*;
use tokio::sync::watch;

use super::super::case::{Bomb, Gate, Job, PANIC, Poked};

/// A way to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnitFault {
    Panic,
    /// A panic whose payload panics when it is dropped.
    Bomb,
    Error,
    /// A future that never ends.
    Hang,
    /// Code that blocks its thread until `Ground` is released.
    Block,
    /// A future that never ends, and whose app is no longer wanted once it began.
    Cancel,
}

/// A fault in one place of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub service: &'static str,
    pub place: &'static str,
    pub fault: UnitFault,
}

/// The faults of a trial, and what its services observe.
#[derive(Clone)]
pub struct Trouble {
    pub faults: Arc<[Placed]>,
    /// Becomes `true` once the app runs.
    pub running: watch::Sender<bool>,
    /// The faults whose code was reached before `Ground` was released.
    pub reached: watch::Sender<Vec<Placed>>,
    /// The services whose scopes were created, and those that were released, in order.
    pub created: Arc<Mutex<Vec<&'static str>>>,
    pub released: Arc<Mutex<Vec<&'static str>>>,
    pub gate: Arc<Gate>,
}

impl Trouble {
    pub fn new(faults: &[Placed]) -> Self {
        Self {
            faults: faults.into(),
            running: watch::Sender::new(false),
            reached: watch::Sender::new(Vec::new()),
            created: Arc::default(),
            released: Arc::default(),
            gate: Arc::default(),
        }
    }

    /// The fault of the place. Records that its code was reached.
    fn fault(&self, service: &str, place: &str) -> Option<UnitFault> {
        let is_here = |placed: &&Placed| placed.service == service && placed.place == place;
        let placed = *self.faults.iter().find(is_here)?;
        self.reached.send_if_modified(|reached| {
            let is_new = !self.gate.is_open() && !reached.contains(&placed);
            reached.extend(is_new.then_some(placed));
            is_new
        });
        Some(placed.fault)
    }

    /// The code of a place that is synchronous.
    fn now(&self, service: &str, place: &str) -> Result<(), &'static str> {
        match self.fault(service, place) {
            Some(UnitFault::Panic) => panic!("{PANIC}"),
            Some(UnitFault::Bomb) => panic_any(Bomb),
            Some(UnitFault::Error) => Err("some error"),
            Some(UnitFault::Block) => {
                self.gate.pass();
                Ok(())
            }
            Some(UnitFault::Hang | UnitFault::Cancel) | None => Ok(()),
        }
    }

    /// The code of a place that is asynchronous.
    async fn later(&self, service: &str, place: &str) -> Result<(), &'static str> {
        self.now(service, place)?;
        let is_here = |placed: &Placed| placed.service == service && placed.place == place;
        let fault = self.faults.iter().find(|placed| is_here(placed)).map(|placed| placed.fault);
        match fault {
            Some(UnitFault::Hang | UnitFault::Cancel) => pending().await,
            _ => Ok(()),
        }
    }

    /// Like [`later`](Self::later); an interval and a watcher wait until the app runs.
    async fn when_ready(&self, service: &str, place: &str) -> Result<(), &'static str> {
        if self.is_ready(place) { self.later(service, place).await } else { Ok(()) }
    }

    /// Like [`when_ready`](Self::when_ready), for code that is synchronous.
    fn now_if_ready(&self, service: &str, place: &str) -> Result<(), &'static str> {
        if self.is_ready(place) { self.now(service, place) } else { Ok(()) }
    }

    fn is_ready(&self, place: &str) -> bool {
        !["interval", "watcher"].contains(&place) || *self.running.borrow()
    }

    async fn until_running(&self) {
        let mut running = self.running.subscribe();
        let _gone = running.wait_for(|running| *running).await.is_err();
    }

    fn record(list: &Mutex<Vec<&'static str>>, service: &'static str) {
        list.lock().unwrap().push(service);
    }
}

/// Released after all others.
pub struct Ground;

#[service]
impl Ground {
    fn new(trouble: Config<Trouble>, scope: &Scope) -> Self {
        Trouble::record(&trouble.created, "Ground");
        scope.cleanup(move || {
            Trouble::record(&trouble.released, "Ground");
            trouble.gate.open();
        });
        Self
    }
}

/// The code of a place, in a hook that is async or not.
macro_rules! reach {
    ($this:ident.$name:ident, $place:literal, async) => {
        $this.trouble.when_ready(stringify!($name), $place).await
    };
    ($this:ident.$name:ident, $place:literal) => {
        $this.trouble.now_if_ready(stringify!($name), $place)
    };
}

/// A service with a hook of each kind.
macro_rules! unit {
    ($name:ident depends on $other:ident $(, $hooks:ident)?) => {
        pub struct $name {
            trouble: Config<Trouble>,
        }

        #[service(depends_on($other))]
        impl $name {
            async fn new(trouble: Config<Trouble>, scope: &Scope) -> Result<Self, &'static str> {
                Trouble::record(&trouble.created, stringify!($name));
                let own = trouble.clone();
                scope.cleanup(move || {
                    Trouble::record(&own.released, stringify!($name));
                    own.now(stringify!($name), "cleanup").unwrap();
                });
                trouble.later(stringify!($name), "new").await?;
                Ok(Self { trouble })
            }

            $($hooks)? fn on_start(&self) -> Result<(), &'static str> {
                reach!(self.$name, "on_start" $(, $hooks)?)
            }

            #[task]
            async fn task(&self, scope: &Scope) -> Result<(), &'static str> {
                let running = scope.until_cancelled(self.trouble.until_running()).await;
                let _cancelled = running.is_none();
                self.trouble.later(stringify!($name), "task").await
            }

            #[interval("1ms")]
            $($hooks)? fn interval(&self) -> Result<(), &'static str> {
                reach!(self.$name, "interval" $(, $hooks)?)
            }

            #[worker(1)]
            async fn worker(&self, _: Job) -> Result<(), &'static str> {
                self.trouble.later(stringify!($name), "worker").await
            }

            #[worker(1)]
            fn thread_worker(&self, _: Arc<Job>) -> Result<(), &'static str> {
                self.trouble.now(stringify!($name), "thread_worker")
            }

            #[watch(poll = "1ms", call = changed)]
            $($hooks)? fn watcher(&self) -> Result<u8, &'static str> {
                reach!(self.$name, "watcher" $(, $hooks)?)?;
                Ok(0)
            }

            fn changed(&self, _: &u8) {}

            #[listen]
            fn listener(&self, _: &Poked) -> Result<(), &'static str> {
                self.trouble.now(stringify!($name), "listener")
            }

            #[listen]
            async fn async_listener(&self, _: &Poked) -> Result<(), &'static str> {
                self.trouble.later(stringify!($name), "async_listener").await
            }

            $($hooks)? fn on_stop(&self) -> Result<(), &'static str> {
                reach!(self.$name, "on_stop" $(, $hooks)?)
            }

            $($hooks)? fn on_stopped(&self) -> Result<(), &'static str> {
                reach!(self.$name, "on_stopped" $(, $hooks)?)
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.trouble.now(stringify!($name), "drop").unwrap();
            }
        }
    };
}

unit! { Lower depends on Ground, async }
unit! { Middle depends on Lower }
unit! { Upper depends on Middle, async }

app! { pub Tower(Trouble) { Upper, Middle, Lower, Ground } }
