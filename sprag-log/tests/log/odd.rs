//! L4 and L5: values and engines that do what they should not.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use sprag::prelude::*;
use sprag_log::{AppendError, Log, Logged, Page, ReadError, Snapshot, WriteError, open};
use tokio::time::{sleep, timeout};

use crate::simulated::{Client, Cut, Faults, Follower, World};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Measured {
    level: f64,
    names: Vec<String>,
    tank: Tank,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tank {
    litres: u64,
    colour: String,
}

/// The reaction of an engine to the next append.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Appends {
    Right,
    /// Refuses an entry above so many bytes, which it did not announce.
    AtMost(usize),
    Panics,
}

/// An engine that announces no limit.
struct Odd {
    client: Client,
    appends: Mutex<Appends>,
    has_refused: AtomicBool,
}

impl Odd {
    fn new() -> Arc<Self> {
        let client = World::new(7, Faults::default()).client();
        let (appends, has_refused) = (Mutex::new(Appends::Right), AtomicBool::new(false));
        Arc::new(Self { client, appends, has_refused })
    }

    fn becomes(&self, appends: Appends) {
        *self.appends.lock().unwrap() = appends;
    }
}

impl Log for Odd {
    type Follower = Follower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        let appends = *self.appends.lock().unwrap();
        match appends {
            Appends::Panics => panic!("of the engine"),
            Appends::AtMost(limit) if entry.len() > limit => {
                self.has_refused.store(true, Relaxed);
                Err(AppendError::TooLarge { bytes: entry.len(), limit })
            }
            _ => self.client.append(name, last, entry).await,
        }
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        self.client.read(name, after).await
    }

    fn follow(&self, name: &str, after: u64) -> Follower {
        self.client.follow(name, after)
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.client.save_snapshot(name, snapshot).await
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.client.load_snapshot(name).await
    }
}

async fn opened(engine: &Arc<Odd>) -> Logged<Measured> {
    open(Arc::clone(engine), "measured", Measured::default()).await.unwrap()
}

fn name(
    name: impl Into<String>,
    model: &Logged<Measured>,
) -> impl Future<Output = Result<(), WriteError>> {
    model.push(Measured::PATHS.names, name.into())
}

#[tokio::test(start_paused = true)]
async fn l4a_an_engine_without_a_limit_takes_large_entries() {
    let engine = Odd::new();
    let model = opened(&engine).await;
    name("x".repeat(300_000), &model).await.unwrap();
    assert_eq!(opened(&engine).await.snapshot().names[0].len(), 300_000);
}

#[tokio::test(start_paused = true)]
async fn l4a_an_entry_that_the_engine_refuses_fails_its_writes_and_no_others() {
    let engine = Odd::new();
    let model = opened(&engine).await;
    name("before", &model).await.unwrap();
    engine.becomes(Appends::AtMost(10_000));
    let large = name("x".repeat(20_000), &model);
    let behind = async {
        // The large one is refused while this one waits behind it.
        sleep(Duration::from_nanos(1)).await;
        name("behind", &model).await
    };
    let (large, behind) = tokio::join!(large, behind);
    let is_large = |error: &WriteError| matches!(error, WriteError::TooLarge { bytes, limit: 10_000, .. } if *bytes > 20_000);
    assert!(large.as_ref().is_err_and(is_large), "{large:?}");
    assert!(engine.has_refused.load(Relaxed));
    behind.unwrap();
    assert_eq!(model.snapshot().names, ["before", "behind"]);
    assert!(model.is_current());
    assert_eq!(opened(&engine).await.snapshot().names, ["before", "behind"]);
}

#[tokio::test(start_paused = true)]
async fn l4a_a_panic_of_the_engine_ends_the_model_with_that_reason() {
    let engine = Odd::new();
    let model = opened(&engine).await;
    name("before", &model).await.unwrap();
    engine.becomes(Appends::Panics);
    let outcome = timeout(Duration::from_secs(60), name("lost", &model)).await;
    outcome.expect("its caller gets an answer").expect_err("nothing was appended");
    let problem = model.problem().unwrap();
    assert!(problem.contains("panicked: of the engine"), "{problem}");
    let refused = name("next", &model).await.unwrap_err();
    assert!(matches!(refused, WriteError::NotCurrent { .. }), "{refused:?}");
    assert_eq!(model.snapshot().names, ["before"], "reads go on");
    model.stop().await;
}

#[tokio::test(start_paused = true)]
async fn l4a_a_value_that_is_refused_takes_nobody_else_s_write_with_it() {
    let engine = Odd::new();
    let model = opened(&engine).await;
    // One is in flight when the value comes, and one waits before and one behind it.
    let later = async |text: &str| {
        sleep(Duration::from_nanos(1)).await;
        name(text, &model).await
    };
    let odd = async {
        sleep(Duration::from_nanos(1)).await;
        model.set(Measured::PATHS.level, f64::NAN).await
    };
    let (first, second, odd, third) =
        tokio::join!(name("first", &model), later("second"), odd, later("third"));
    let is_refused = |error: &WriteError| matches!(error, WriteError::Unwritable { .. });
    assert!(odd.as_ref().is_err_and(is_refused), "{odd:?}");
    assert!(odd.unwrap_err().to_string().contains("level"));
    for outcome in [first, second, third] {
        outcome.unwrap();
    }
    name("fourth", &model).await.unwrap();
    let now = model.snapshot();
    assert_eq!(
        (now.level, &now.names[..]),
        (0.0, &["first", "second", "third", "fourth"].map(String::from)[..])
    );
    let again = opened(&engine).await;
    assert_eq!(*again.snapshot(), *now);
    assert!(model.is_current());
}

#[tokio::test(start_paused = true)]
async fn l2_a_patch_at_a_place_writes_what_it_names() {
    let engine = Odd::new();
    let model = opened(&engine).await;
    model.set(Measured::PATHS.tank.colour, "red".into()).await.unwrap();
    model.patch_at(Measured::PATHS.tank, TankPatch::new().litres(5)).await.unwrap();
    let tank = opened(&engine).await.snapshot().tank.clone();
    assert_eq!(tank, Tank { litres: 5, colour: "red".into() });
}

thread_local! {
    /// Whether the next clone of a [`Fragile`] on this thread panics.
    static IS_ARMED: Cell<bool> = const { Cell::new(false) };
    /// Whether no [`Fragile`] can be read on this thread.
    static IS_UNREADABLE: Cell<bool> = const { Cell::new(false) };
}

/// A value whose clone may panic.
#[derive(Debug, Default, PartialEq, Serialize)]
struct Fragile(u8);

impl Fragile {
    /// A value that JSON does not carry back, and whose next clone panics then.
    const UNLUCKY: u8 = 13;
}

impl Clone for Fragile {
    fn clone(&self) -> Self {
        assert!(!IS_ARMED.replace(false), "the clone fails once");
        Self(self.0)
    }
}

impl<'de> Deserialize<'de> for Fragile {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let read = u8::deserialize(from)?;
        if IS_UNREADABLE.get() {
            return Err(D::Error::custom("not readable now"));
        }
        if read == Self::UNLUCKY {
            IS_ARMED.set(true);
            return Err(D::Error::custom("an unlucky value"));
        }
        Ok(Self(read))
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Holder {
    #[model(leaf)]
    fragile: Fragile,
    names: Vec<String>,
}

async fn hold(model: &Logged<Holder>, text: &str) -> Result<(), WriteError> {
    model.push(Holder::PATHS.names, text.to_owned()).await
}

#[tokio::test(start_paused = true)]
async fn l4a_a_write_that_cannot_be_taken_back_takes_nobody_else_s_with_it() {
    let client = World::new(7, Faults::default()).client();
    let opened = || open(Arc::new(client.clone()), "holder", Holder::default());
    let model = opened().await.unwrap();
    // One is in flight when the value comes, and one waits behind it.
    let odd = async {
        sleep(Duration::from_nanos(1)).await;
        let write = model.transact(|tx| {
            tx.set(Holder::PATHS.fragile, Fragile(Fragile::UNLUCKY));
            Ok::<_, WriteError>(())
        });
        write.await
    };
    let behind = async {
        sleep(Duration::from_nanos(1)).await;
        let write = model.transact(|tx| {
            let Fragile(seen) = tx.get(Holder::PATHS.fragile);
            tx.push(Holder::PATHS.names, format!("saw {seen}"));
            Ok::<_, WriteError>(())
        });
        write.await
    };
    let (first, odd, behind) = tokio::join!(hold(&model, "first"), odd, behind);
    odd.expect_err("JSON does not carry it");
    first.unwrap();
    behind.unwrap();
    hold(&model, "last").await.unwrap();
    let now = model.snapshot();
    assert_eq!(
        (&now.fragile, &now.names[..]),
        (&Fragile(0), &["first", "saw 0", "last"].map(String::from)[..])
    );
    assert_eq!(*opened().await.unwrap().snapshot(), *now);
    assert!(model.is_current());
}

#[tokio::test(start_paused = true)]
async fn l4a_a_late_write_that_cannot_be_taken_back_takes_nobody_else_s_with_it() {
    let client = World::new(7, Faults::default()).client();
    let opened = || open(Arc::new(client.clone()), "holder", Holder::default());
    let model = opened().await.unwrap();
    client.cut(Cut::Off);
    let late = model.within(Duration::from_secs(1));
    let late = async { late.set(Holder::PATHS.fragile, Fragile(2)).await };
    let arms = async {
        sleep(Duration::from_millis(900)).await;
        IS_ARMED.set(true);
        sleep(Duration::from_millis(200)).await;
        client.cut(Cut::Mended);
    };
    let (first, late, ()) = tokio::join!(hold(&model, "first"), late, arms);
    late.expect_err("its deadline is a second");
    first.unwrap();
    hold(&model, "last").await.unwrap();
    let now = model.snapshot();
    assert_eq!(
        (&now.fragile, &now.names[..]),
        (&Fragile(0), &["first", "last"].map(String::from)[..])
    );
    assert_eq!(*opened().await.unwrap().snapshot(), *now);
}

#[tokio::test(start_paused = true)]
async fn l3a_a_first_state_that_serde_does_not_read_any_more_fails_a_reset_and_nothing_else() {
    let client = World::new(7, Faults::default()).client();
    let model = open(Arc::new(client), "holder", Holder::default()).await.unwrap();
    hold(&model, "first").await.unwrap();
    IS_UNREADABLE.set(true);
    let error = model.reset().await.unwrap_err();
    IS_UNREADABLE.set(false);
    assert!(matches!(error, WriteError::Initial { .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("initial state of `holder`") && said.contains("not readable"), "{said}");
    hold(&model, "second").await.unwrap();
    assert_eq!(model.snapshot().names, ["first", "second"]);
    model.reset().await.unwrap();
    assert_eq!(*model.snapshot(), Holder::default());
}
