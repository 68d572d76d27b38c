//! S2, S3: the parameters of `new`, and the order in which services start and stop.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;
use test_support::within_async;
use tokio::sync::Barrier;

use super::support::*;

pub trait Storage: Send + Sync {
    fn name(&self) -> &'static str;
}

pub struct Disk;

impl Storage for Disk {
    fn name(&self) -> &'static str {
        "disk"
    }
}

#[service]
impl Disk {
    fn new() -> Self {
        Self
    }
}

pub struct Fake;

impl Storage for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }
}

#[service]
impl Fake {
    fn new() -> Self {
        Self
    }
}

pub struct Everything {
    said: String,
}

#[service(depends_on(Disk))]
impl Everything {
    #[allow(clippy::too_many_arguments)]
    async fn new(
        scope: &Scope,
        number: Config<u32>,
        storage: Handle<dyn Storage>,
        bus: Bus,
        word: Config<&'static str>,
        disk: Handle<Disk>,
    ) -> Result<Self, Infallible> {
        assert!(bus.is_same(scope.bus()));
        let (storage, disk) = (storage.get().unwrap().name(), disk.get().unwrap().name());
        Ok(Self { said: format!("{} {storage} {disk} {} {}", scope.name(), *number, *word) })
    }
}

app! { pub Whole(u32, &'static str) { Everything, Disk as dyn Storage } }
app! { pub Faked(u32, &'static str) { Everything, Disk, Fake as dyn Storage } }

#[tokio::test]
async fn s2_new_takes_everything_in_any_order() {
    let app = Whole::start(7, "seven").await.unwrap();
    assert_eq!(app.handle::<Everything>().get().unwrap().said, "Everything disk disk 7 seven");
}

#[tokio::test]
async fn s3_another_service_provides_the_trait_in_a_test_app() {
    let app = Faked::start(7, "seven").await.unwrap();
    assert_eq!(app.handle::<Everything>().get().unwrap().said, "Everything fake disk 7 seven");
    assert_eq!(app.handle::<dyn Storage>().get().unwrap().name(), "fake");
}

pub struct Primary;
pub struct Replica;

pub struct Db<Role> {
    role: PhantomData<fn() -> Role>,
    number: usize,
}

#[service]
impl<Role: 'static> Db<Role> {
    fn new(made: Config<AtomicUsize>) -> Self {
        Self { role: PhantomData, number: made.fetch_add(1, Ordering::SeqCst) }
    }
}

app! { pub Two(AtomicUsize) { Db<Primary>, Db<Replica> } }

#[test]
fn s3_handles_and_their_refs_are_send_and_sync() {
    // A trait without bounds, whose objects are neither `Send` nor `Sync`.
    trait Lonely {}
    fn both<T: Send + Sync>() {}
    both::<Handle<dyn Lonely>>();
    both::<sprag::service::Ref<dyn Lonely>>();
    both::<Handle<std::cell::Cell<u8>>>();
}

app! { pub Nothing {} }

#[tokio::test]
async fn an_app_without_services_starts_and_stops() {
    let app = Nothing::start().await.unwrap();
    assert!(app.is_ready() && app.health().await.status().is_healthy());
    assert!(app.stop().await.is_clean());
}

#[tokio::test]
async fn s3_a_marker_makes_two_of_a_kind() {
    let app = Two::start(AtomicUsize::new(0)).await.unwrap();
    let primary = app.handle::<Db<Primary>>();
    let replica = app.handle::<Db<Replica>>();

    assert_ne!(primary.get().unwrap().number, replica.get().unwrap().number);
    assert_eq!(primary.name(), "Db<Primary>");
    let _roles = (primary.get().unwrap().role, replica.get().unwrap().role);
}

/// Reports its start and its stop.
macro_rules! told {
    ($name:ident, $options:tt) => {
        pub struct $name {
            log: Log,
        }
        #[service $options]
        impl $name {
            fn new(log: Config<Log>) -> Self {
                log.say(concat!("new ", stringify!($name)));
                Self { log: (*log).clone() }
            }
            async fn on_start(&self) {
                tokio::task::yield_now().await;
                self.log.say(concat!("started ", stringify!($name)));
            }
            fn on_stop(&self) {
                self.log.say(concat!("stopping ", stringify!($name)));
            }
        }
        impl Drop for $name {
            fn drop(&mut self) {
                self.log.say(concat!("gone ", stringify!($name)));
            }
        }
    };
}

told!(Base, ());
told!(Left, (depends_on(Base)));
told!(Right, (depends_on(Base)));
told!(Top, (depends_on(Left, Right), wants(Extra)));
told!(Extra, (wants(NotThere)));
told!(NotThere, ());

app! { pub Diamond(Log) { Top, Extra, Right, Left, Base } }

#[tokio::test]
async fn s2_a_service_starts_after_and_stops_before_its_dependencies_and_wants() {
    let log = Log::default();
    let app = Diamond::start(log.clone()).await.unwrap();
    for (earlier, later) in
        [("Base", "Left"), ("Base", "Right"), ("Left", "Top"), ("Right", "Top"), ("Extra", "Top")]
    {
        assert!(log.at(&format!("started {earlier}")) < log.at(&format!("new {later}")));
    }

    let report = app.stop().await;

    for (earlier, later) in
        [("Left", "Base"), ("Right", "Base"), ("Top", "Left"), ("Top", "Right"), ("Top", "Extra")]
    {
        assert!(log.at(&format!("gone {earlier}")) < log.at(&format!("stopping {later}")));
    }
    let stopped: Vec<&str> = report.services().iter().map(|service| service.name()).collect();
    assert_eq!((stopped.len(), stopped[0]), (5, "Top"));
    assert!(!log.has("new NotThere"));
}

told!(Egg, (wants(Hen)));
told!(Hen, (depends_on(Egg)));

app! { pub Farm(Log) { Egg, Hen } }

#[tokio::test]
async fn s2_wants_that_contradict_a_dependency_are_named_at_the_start() {
    let log = Log::default();
    let error = Farm::start(log.clone()).await.unwrap_err();
    assert!(error.to_string().contains("Egg -> Hen -> Egg"), "{error}");
    assert_eq!(log.lines(), Vec::<String>::new());
}

macro_rules! meets {
    ($name:ident) => {
        pub struct $name {
            both: Config<Barrier>,
        }
        #[service]
        impl $name {
            async fn new(both: Config<Barrier>) -> Self {
                both.wait().await;
                Self { both }
            }
            async fn on_stop(&self) {
                self.both.wait().await;
            }
        }
    };
}
meets!(Here);
meets!(There);
app! { pub Meeting(Barrier) { Here, There } }

#[tokio::test]
async fn s2_independent_services_start_and_stop_at_the_same_time() {
    within_async(LIMIT, async {
        // Each waits for the other: one after the other would take forever.
        let app = Meeting::start(Barrier::new(2)).await.unwrap();
        let report = app.stop().await;
        assert!(report.is_clean(), "{report}");
    })
    .await;
}
