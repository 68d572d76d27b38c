//! Typed, live state in the memory of a server: paths that the compiler checks, caches
//! that invalidate themselves, services that release what they own.
//!
//! sprag is not a database: the state lives in one process and ends with it. The crate
//! `sprag-web` shows the state to browsers, and the crate `sprag-log` keeps it on a log.
//!
//! ```
//! use sprag::prelude::*;
//!
//! #[derive(Model, Clone, Default, PartialEq)]
//! struct Tv {
//!     url: Option<String>,
//!     position: u64,
//! }
//!
//! let tv = create_model("tv", Tv::default());
//! let _guard = tv.subscribe(Tv::PATHS.url, |url, _change| println!("now playing: {url:?}"));
//! tv.set(Tv::PATHS.position, 7); // prints nothing: the url is the same
//! tv.set(Tv::PATHS.url, Some("alien.mp4".into())); // now playing: Some("alien.mp4")
//! ```
//!
//! # Where to find what
//!
//! | to | use | more in |
//! |---|---|---|
//! | keep nested state, watch parts of it | [`Model`](struct@Model), [`derive(Model)`](derive@Model) | [`state`], [`mod@path`] |
//! | name a place behind keys | [`path!`] | [`mod@path`] |
//! | keep flat state, watch all of it | [`Store`] | [`state`] |
//! | keep a result that is expensive to compute | [`Cache`], [`KeyedCache`] | [`cache`] |
//! | notify parts of a program that do not know each other | [`Bus`], [`derive(Event)`](derive@Event) | [`bus`] |
//! | handle an error | [`Error`], [`Result`] | [`error`] |
#![cfg_attr(
    feature = "service",
    doc = "\
| start and stop what owns all that | [`service`](macro@service), [`app!`] | [`mod@service`], [`mod@app`] |"
)]
//!
//! # Concepts
//!
//! - A **place** is a part of a state: a field, a field of a field, an entry of a map.
//!   `Tv::PATHS.url` is a [`Path`](path::Path): a `Copy` value that identifies a place of
//!   a `Tv` and knows the place's type. A place that may be absent, behind an `Option`,
//!   an enum's variant, a key or an index, is read as an `Option`, and a write to it can
//!   fail with [`Absent`](error::Absent).
//! - A **commit** is one write as readers observe it: all of it or nothing. Every commit
//!   raises the version of its model or store by one. `set` makes one commit, and so does
//!   a `transaction` with ten writes. A write of an equal value is a commit too, but no
//!   [`Selector`](state::Selector) finds a change in it.
//! - A **snapshot** is the whole state at one version, as an `Arc`. A snapshot never
//!   changes, and taking one copies nothing; the first write while a snapshot is held
//!   clones the state.
//! - A **selector** determines what a subscriber of a model watches: a place, a tuple of
//!   places, a place with `.map(f)`, a collection's `.len()`, `.keys()` or every entry
//!   (`.each()`), or a closure over the whole state. The subscriber is called when the
//!   selected value has changed, which `PartialEq` decides. A subscriber of a store is
//!   called after every write.
//! - A **subscription** is a guard. Dropping the guard unsubscribes; `.detach()` keeps
//!   the callback until the model ends.
//!
//! # Who calls callbacks, and when
//!
//! The thread that writes calls the subscribers, after the commit and outside of every
//! lock. With a single writer, all of them have returned when the write returns. When
//! several threads write, one of them delivers for all, in the order of the commits: no
//! subscription receives two calls at once, a commit twice, or a commit too few. A callback
//! may read and write the same model; its write is committed at once and delivered after
//! the present batch. A callback that panics is reported through `tracing` and counted, and
//! the others still run. Event listeners run in the thread that emits.
//!
//! A closure passed to `update`, `update_at` or `transaction` does run under the lock of
//! its model, and so do `Clone`, `PartialEq`, `Hash` and `Ord` of the state's own values.
//! Using the same model there panics with the model's name; it never deadlocks.
//!
//! # Features
//!
//! | feature | default | |
//! |---|---|---|
//! | `service` | yes | services and apps, on tokio |
//! | `serde` | yes | places as text and values as JSON, changes as data |
//! | `test` | no | [`test`](macro@test): tests with a runtime, a deadline and a check for leaks |
//! | `indexmap` | no | `IndexMap` and `IndexSet` as state |
//! | `metrics` | no | [`metrics::record`]: the numbers of states, caches and services for exporters |
//! | `imbl` | no | the persistent collections of `imbl` as state |
//! | `uuid`, `jiff`, `chrono`, `time`, `url`, `bytes`, `rust_decimal`, `smol_str`, `ordered-float` | no | the types of these crates as state and keys |
//!
//! Without features, models, stores, caches and the bus need no async runtime.

#![cfg_attr(docsrs, feature(doc_cfg))]

/// The examples of the README and of the guides, compiled as tests.
#[cfg(all(doctest, feature = "service", feature = "serde"))]
mod pages {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/guide.md")]
    mod guide {}
    #[doc = include_str!("../docs/guides/live-feed.md")]
    mod live_feed {}
    #[doc = include_str!("../docs/guides/http-edge.md")]
    mod http_edge {}
    #[cfg(feature = "test")]
    #[doc = include_str!("../docs/guides/testing.md")]
    mod testing {}
    #[doc = include_str!("../docs/guides/cost.md")]
    mod cost {}
    #[doc = include_str!("../docs/guides/foreign-types.md")]
    mod foreign_types {}
    #[doc = include_str!("../docs/guides/graceful-stop.md")]
    mod graceful_stop {}
    #[doc = include_str!("../docs/guides/coming-from.md")]
    mod coming_from {}
}

#[cfg(feature = "service")]
pub mod app;
pub mod bus;
pub mod cache;
pub mod error;
#[cfg(feature = "metrics")]
pub use sprag_runtime::metrics;
#[cfg(feature = "service")]
pub mod service;
pub mod state;

// The last module, since the compiler's messages name an item by the first path that leads
// to it.
pub mod prelude;

#[doc(hidden)]
pub use sprag_macros::path_in;
#[doc(hidden)]
pub use sprag_runtime::__private;
pub use sprag_runtime::path;

#[cfg(feature = "service")]
pub use self::app::start_with;
pub use self::bus::{Bus, Event};
pub use self::cache::{Cache, KeyedCache, create_cache, create_keyed_cache};
pub use self::error::{Error, Result};
pub use self::state::{Model, Store, Subscription, View, create_model, create_store};
pub use sprag_runtime::Resource;

/// An event: `#[derive(Event)] #[event("storage:mount_changed")]`.
///
/// Without a name, the event is named after its type, in snake case. `crate = …` gives the
/// path of this crate if it was renamed.
///
/// ```
/// use sprag::prelude::*;
///
/// #[derive(Event)]
/// #[event("storage:mount_changed")]
/// struct MountChanged {
///     mounts: usize,
/// }
///
/// #[derive(Event)]
/// struct TrackEnded;
///
/// assert_eq!(MountChanged::NAME, "storage:mount_changed");
/// assert_eq!(TrackEnded::NAME, "track_ended");
/// # let _ = MountChanged { mounts: 0 }.mounts;
/// ```
pub use sprag_macros::Event;
/// Typed paths for a struct or an enum: `Tv::PATHS`, `TvPaths`, and for a struct
/// with named fields `TvPatch`.
///
/// Every field's type must be state itself: derive `Model` for the type too, or mark the
/// field `#[model(leaf)]`. Using a path costs no more at run time than accessing the field
/// directly.
///
/// ```
/// use sprag::path::{PartialPath, Path};
/// use sprag::prelude::*;
///
/// #[derive(Model, Clone, PartialEq)]
/// struct Tv {
///     playback: Playback,
///     media: Media,
/// }
///
/// #[derive(Model, Clone, PartialEq)]
/// struct Playback {
///     url: Option<String>,
///     position: u64,
/// }
///
/// #[derive(Model, Clone, PartialEq)]
/// enum Media {
///     Idle,
///     Playing { title: String },
/// }
///
/// const POSITION: Path<Tv, u64> = Tv::PATHS.playback.position;
/// const TITLE: PartialPath<Tv, String> = Tv::PATHS.media.playing.title;
///
/// let tv = Tv { playback: Playback { url: None, position: 0 }, media: Media::Idle };
/// let tv = create_model("tv", tv);
/// tv.set(POSITION, 7);
/// assert_eq!(tv.get(TITLE), None);
/// tv.set(Tv::PATHS.media, Media::Playing { title: "Alien".into() });
/// assert_eq!(tv.get(TITLE).as_deref(), Some("Alien"));
/// assert_eq!(TITLE.to_string(), "media.playing.title");
/// ```
///
/// # Options
///
/// | where | option | effect |
/// |---|---|---|
/// | type, field | `leaf` | one opaque value, or an `Option` or a collection of them |
/// | field | `skip` | no path leads to the field |
/// | field, variant | `rename = "…"` | its name in a path's text |
/// | type, field | `browser = "…"` | the rights of browsers in a store: `"read"` (the default), `"write"` or `"never"`; see [`Right`](path::Right) |
/// | type, field | `ts = "…"` | its type in TypeScript, where serde writes it by a function or another type |
/// | type | `crate = …` | the path of this crate, if it was renamed |
/// | type | `paths = Name` | the name of the paths; otherwise `TvPaths` |
/// | type | `patch = Name` | the name of the patch; otherwise `TvPatch` |
/// | type | `no_patch` | no patch is generated |
/// | type | `patch_derive(…)` | the derives of `TvPatch`, which is `Clone` without them if its fields are |
///
/// Serde's `rename`, `rename_all`, `rename_all_fields` and `flatten` apply to a path's text
/// too. A variant's name in paths is in snake case; a variant without fields, and an enum
/// of such variants, has no paths of its own. A field called `new` is set with `new_` in a
/// patch, since `new` creates the patch.
pub use sprag_macros::Model;
/// Marks a method that a service runs for each event of the parameter's type.
///
/// ```
/// use sprag::prelude::*;
///
/// #[derive(Event)]
/// struct TrackEnded;
///
/// pub struct Player {
///     ended: Store<u64>,
/// }
///
/// #[service(own(ended))]
/// impl Player {
///     fn new() -> Self {
///         Self { ended: create_store("ended", 0) }
///     }
///
///     #[listen]
///     fn track_ended(&self, _event: &TrackEnded) {
///         self.ended.update(|ended| *ended += 1);
///     }
/// }
///
/// app! { Hub { Player } }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let hub = Hub::start().await?;
/// hub.bus().emit(TrackEnded);
/// assert_eq!(*hub.handle::<Player>().get()?.ended.get(), 1);
/// # hub.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// The method listens on the app's bus, from before `on_start` until the service stops. It
/// takes `&self`, the event by reference and optionally a [`&Scope`](service::Scope). A
/// plain method runs in the thread that emits, before `emit` returns. An async method runs
/// in a task of its own, which takes a clone of each event from a queue, in order.
///
/// # Options
///
/// Without options, any number of events may wait for an async listener.
///
/// | option | means |
/// |---|---|
/// | `queue = 1_024` | at most 1,024 events wait: a number, a constant or a `usize` of the service, as in `self.config.queue` |
/// | `when_full = wait` | the emitter waits for space in the queue; the default |
/// | `when_full = drop_oldest` | the oldest event is dropped; health and the report count it |
///
/// An error or a panic is reported through `tracing`, and the next event is delivered
/// nonetheless. When the service stops, an async listener still handles the events in its
/// queue.
#[cfg(feature = "service")]
pub use sprag_macros::listen;
/// Makes a plain struct a service. Put this on the `impl` block with `new` and the hooks.
///
/// ```
/// use sprag::{Result, prelude::*};
///
/// #[derive(Event)]
/// #[event("storage:mount_changed")]
/// pub struct MountChanged;
///
/// pub struct Storage;
///
/// #[service]
/// impl Storage {
///     fn new() -> Self {
///         Self
///     }
/// }
///
/// pub struct Library {
///     files: Store<Vec<String>>,
///     storage: Handle<Storage>,
/// }
///
/// #[service(own(files))]
/// impl Library {
///     fn new(storage: Handle<Storage>) -> Self {
///         Self { files: create_store("files", Vec::new()), storage }
///     }
///
///     async fn on_start(&self) -> Result<()> {
///         self.storage.get()?; // it runs: it was started before
///         Ok(())
///     }
///
///     #[listen]
///     fn mount_changed(&self, _event: &MountChanged) {
///         self.files.update(Vec::clear);
///     }
///
///     #[interval("60s")]
///     async fn rescan(&self) {}
///
///     #[task]
///     async fn follow(&self, scope: &Scope) {
///         scope.cancelled().await;
///     }
///
///     #[health]
///     fn health(&self) -> Health {
///         Health::Healthy
///     }
/// }
///
/// app! { pub Hub { Storage, Library } }
/// ```
///
/// # Options
///
/// | option | means |
/// |---|---|
/// | `own(a, b)` | these fields are released when the service stops, `b` first |
/// | `depends_on(S, dyn Trait)` | these are in the app, start before, stop after |
/// | `wants(S)` | starts after `S` and stops before it, if `S` is in the app |
/// | `restart = on_failure(3, "10s")` | a failure restarts the service and its dependents, at most 3 times in 10 s; the next one stops the app |
/// | `on_failure = report` | a failure makes the service unhealthy; the app goes on. Also `stop_app`, the default, and `restart(3, "10s")` |
/// | `crate = path` | the path of sprag, if it is not `::sprag` |
///
/// # `new`
///
/// `new` takes, in any order and number, [`Handle<S>`](service::Handle) and `Handle<dyn
/// Trait>` (each is a dependency), [`Config<V>`](service::Config), [`Bus`] and
/// [`&Scope`](service::Scope), each by value or by reference. `new` returns `Self` or a
/// `Result` of it.
///
/// `Option<Handle<S>>` is a dependency if the app has `S`, and `None` if not.
/// `Vec<Handle<dyn Trait>>` contains all services that the app lists `as dyn Trait`, in the
/// order of the list; each is a dependency. A cycle through these two is found at the
/// start. A parameter may have a `#[cfg]`.
///
/// # Hooks
///
/// All hooks take `&self`, and optionally [`&Scope`](service::Scope). They return nothing
/// or a `Result` of nothing, whose error is of any type that `?` can box; a `#[worker]`
/// takes a job and returns its reply, and a `#[watch]` returns a value or a stream. All
/// hooks may be async; a `#[task]` must be.
///
/// A hook that is not async may block its thread: the call costs a job of tokio's pool for
/// blocking work, about 10 µs. Exceptions are `#[listen]`, which runs in the emitter's
/// thread, and the method that receives the values of a `#[watch]`. These and `new` run on
/// a thread of the async runtime and must not block the thread for long: make them async,
/// and use `spawn_blocking`.
///
/// | hook | called |
/// |---|---|
/// | `on_start` | once, after `new`; its failure fails the start of the app |
/// | `on_stop` | once, when the service stops, before its tasks are cancelled: stop accepting work here. Not called if `on_start` failed: put cleanup for that case in `scope.cleanup` |
/// | `on_stopped` | once, after the service's tasks have ended: write the results of the tasks here |
/// | `#[listen]` | with each event of its parameter's type: in the emitter's thread, or, if async, one after the other in a task of its own |
/// | `#[interval("60s")]` | after each period; calls never overlap |
/// | `#[task]` | once, after `on_start`; runs beside the rest |
/// | [`#[worker(4)]`](worker) | with each job of a bounded queue, 4 at a time |
/// | [`#[watch(…)]`](watch) | after each period, or when the stream before has ended; its values go to another method or a field |
/// | `#[health]` | when a caller reads the app's health; returns [`Health`](service::Health) |
///
/// If a `#[task]` fails or panics, the app stops, unless an
/// [`OnFailure`](service::OnFailure) says otherwise. If a listener or an interval does, the
/// failure is logged and counted in the app's health and report, and the next call is made
/// nonetheless. The same applies to a worker, unless a caller waits for its error.
///
/// Any number of events may wait for an async listener, and the events that wait at the
/// stop are delivered before `on_stop`; see [`listen`] for a limit.
#[cfg(feature = "service")]
pub use sprag_macros::service;

/// Makes a test of an async function, with a runtime, a deadline, and a check that the test
/// leaves nothing running.
///
/// The test runs on a thread and a current-thread tokio runtime of its own. The current bus
/// of the test is the one in its parameter.
///
/// ```
/// use sprag::{prelude::*, start_with};
///
/// pub struct Player;
///
/// #[service]
/// impl Player {
///     fn new() -> Self {
///         Self
///     }
/// }
///
/// app! { pub Hub { Player } }
///
/// #[sprag::test(app = Hub::start(), within = "5s")]
/// async fn the_player_runs(hub: &Hub) {
///     assert!(hub.handle::<Player>().is_available());
/// }
///
/// #[sprag::test(paused)]
/// async fn one_service(scope: Scope) -> sprag::Result<()> {
///     let player = start_with(scope, Player::new()).await?;
///     assert!(player.stop().await.is_clean());
///     Ok(())
/// }
/// ```
///
/// # Options
///
/// | option | means |
/// |---|---|
/// | `app = Hub::start()` | a future of the test's app, with its fakes and values; the kit stops the app at the end |
/// | `within = "5s"` | the real time that the test may take, its end included; otherwise 30 s |
/// | `paused` | tokio's clock is paused: it advances when the runtime is idle |
/// | `unclean` | the reports of the stops need not be clean |
/// | `alone` | the test runs in a process of its own, where threads and processes are checked too |
/// | `statics` | states and caches may outlive the test, as those in a `static` do |
/// | `crate = path` | the path of sprag, if it is not `::sprag` |
///
/// # Parameters
///
/// In any order and number, by value or by `&`:
///
/// | type | is |
/// |---|---|
/// | [`Bus`] | the bus of the app, or one of the test's own |
/// | [`Scope`](service::Scope) | a new scope on that bus, for `new` and [`start_with`]; each parameter is another one |
/// | the app | `&Hub`, once; a test that takes `Hub` by value stops the app by dropping it |
///
/// # Panics
///
/// With the test's name if the test takes too long; its thread is then abandoned. At the
/// end, with a line for each of:
///
/// - a service or a child that was not stopped (those that the test has dropped are
///   stopped at its end, and waited for);
/// - a stop of the app, or of a dropped service, that is not
///   [clean](app::StopReport::is_clean), unless the test is `unclean`;
/// - tasks of the runtime that do not end by themselves, by their number;
/// - listeners of the test's bus, by their event;
/// - stores, models and caches that the test's thread has created and that are not dropped,
///   by their name and with the number of their subscriptions, unless the test has
///   `statics`. `new` and async hooks run on that thread, hooks that are not async do not.
///
/// Apps and services that other threads have started are not checked. A test that panics or
/// returns an error is not checked.
///
/// # In a process of its own
///
/// Other tests run in the same process, whose threads belong to no test. A test that is
/// `alone` starts its binary again, with itself as the only test, and ends as that process
/// does: with its output, its panic and its `#[should_panic]`. `cargo test` and `cargo
/// nextest` run such a test alike. Starting the process costs about 20 ms. At its end, the
/// panic also names:
///
/// - each thread that the test has started, and that does not end within a second;
/// - each process that the test or a child of it has started, and each that has ended and
///   was not waited for;
/// - listeners of [`Bus::global`].
///
/// Threads and processes are checked on Linux; elsewhere the test runs in its process without
/// this check. A pool of threads that lives as long as the process counts as left. If the
/// process ends by itself, as by `abort`, the test panics with the exit status.
///
/// ```
/// #[sprag::test(alone)]
/// #[should_panic(expected = "thread `pump` still runs")]
/// async fn a_pump_stays() {
///     let pump = std::thread::Builder::new().name("pump".into());
///     pump.spawn(|| loop { std::thread::park() }).unwrap();
/// }
/// ```
#[cfg(feature = "test")]
pub use sprag_macros::test;

/// Marks a method that a service runs after each period.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Library;
/// #[service]
/// impl Library {
///     # fn new() -> Self { Self }
///     #[interval("60s")]
///     async fn rescan(&self) {}
/// }
/// ```
///
/// The period is a text such as `"500ms"` or `"1m 30s"`, a constant `Duration`, or a
/// `Duration` of the service, as in `#[interval(self.config.every)]`, which is read once,
/// when the service starts. A period of zero is an error: of the compiler if the period is
/// a text, of the start otherwise. The first call comes one period after the start. Calls
/// never overlap: a call that takes longer than the period delays the next one. The method
/// may be async, and takes `&self` and optionally a [`&Scope`](service::Scope).
///
/// An error or a panic is reported through `tracing`, and the next call is made
/// nonetheless. A stop of the service cancels a call that still runs when the service's
/// grace is over.
#[cfg(feature = "service")]
pub use sprag_macros::interval;

/// Marks an async method that runs beside the service for as long as the service does.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Library;
/// #[service]
/// impl Library {
///     # fn new() -> Self { Self }
///     #[task]
///     async fn follow(&self, scope: &Scope) {
///         scope.cancelled().await; // a stop was requested
///     }
/// }
/// ```
///
/// The task starts after `on_start`. The method takes `&self` and optionally a
/// [`&Scope`](service::Scope). An error or a panic is a failure of the service and stops
/// the app, unless `#[service]` or the task says otherwise, as in `#[task(on_failure =
/// report)]` or `#[task(on_failure = restart(3, "10s"))]`; returning `Ok` or nothing ends
/// the task alone. A stop cancels the scope; a task that has not ended when the grace is
/// over is aborted, and the report names it.
#[cfg(feature = "service")]
pub use sprag_macros::task;

/// Marks a method that handles the jobs of a bounded queue, several at a time.
///
/// ```
/// use sprag::prelude::*;
/// use std::time::Duration;
///
/// pub struct Thumbnails;
///
/// /// A job. Callers find the worker by this type.
/// pub struct Resize {
///     pub width: u32,
/// }
///
/// #[service]
/// impl Thumbnails {
///     fn new() -> Self {
///         Self
///     }
///
///     #[worker(4, queue = 1_024, on_stop = drain)]
///     async fn resize(&self, job: Resize) -> sprag::Result<String> {
///         Ok(format!("{} px", job.width))
///     }
/// }
///
/// app! { Images { Thumbnails } }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let images = Images::start().await?;
/// let queue = images.handle::<Thumbnails>().queue();
/// queue.send(Resize { width: 300 }).await?; // waits for a free place
/// queue.try_send(Resize { width: 200 })?; // does not wait
/// let reply = queue.call_timeout(Resize { width: 64 }, Duration::from_secs(2)).await?;
/// assert_eq!(reply, "64 px");
/// assert!(images.stop().await.is_clean());
/// # Ok(())
/// # }
/// ```
///
/// The method takes `&self`, the job by value and optionally a [`&Scope`](service::Scope).
/// Other services enqueue through [`Handle::queue`](service::Handle::queue), the service
/// itself through [`Scope::queue`](service::Scope::queue); [`JobQueue`](service::JobQueue)
/// describes how each way of enqueueing waits. A service may have many workers, each with a
/// job type of its own. An async worker runs on the app's runtime, any other on threads
/// that may block.
///
/// # Options
///
/// | option | means |
/// |---|---|
/// | `4` | how many jobs are handled at the same time; a number, a constant or a `usize` of the service, as in `self.workers` |
/// | `queue = 1_024` | how many jobs may wait; likewise. The default is 1,024 |
/// | `on_stop = drain` | the jobs that wait when the service stops are handled, within the grace; the default |
/// | `on_stop = reject` | the jobs that wait when the service stops are lost |
/// | `on_failure = report` | a failed job is a failure of the service: also `stop_app` and `restart(3, "10s")` |
///
/// # Failures, stops and restarts
///
/// An error of the worker is returned to the caller of `call`. Without a caller, and for
/// each panic, the failure is reported through `tracing` and counted in the health and the
/// report; the next job is done nonetheless.
///
/// A stop refuses new jobs after `on_stop` and before the tasks are cancelled. Lost jobs
/// are in the report, which then is not clean; their callers get
/// [`CallError::Lost`](error::CallError::Lost). A queue outlives a restart: the next life
/// of the service does the waiting jobs, and those that the stop interrupted are counted as
/// failures. After a failure that restarts the service, this worker takes no further job in
/// the failed life.
#[cfg(feature = "service")]
pub use sprag_macros::worker;

/// Marks a method whose value is polled, or whose stream is observed, in the background.
///
/// ```
/// # use futures_util::stream;
/// use futures_util::Stream;
/// use sprag::{Result, prelude::*};
///
/// pub struct Storage {
///     free: Store<u64>,
/// }
///
/// #[service(own(free))]
/// impl Storage {
///     fn new() -> Self {
///         Self { free: create_store("free", 0) }
///     }
///
///     /// Polled every 5 s, on a thread that may block; `changed` is called when the value differs.
///     #[watch(poll = "5s", call = changed)]
///     fn mounts(&self) -> Result<Vec<String>> {
///         Ok(vec!["/".to_owned()])
///     }
///
///     fn changed(&self, before: Option<&Vec<String>>, now: &Vec<String>) {
///         println!("{before:?} -> {now:?}");
///     }
///
///     /// Written into the store when the value differs.
///     #[watch(poll = "60s", into = free)]
///     async fn space(&self) -> u64 {
///         1 << 40
///     }
///
///     /// Opened again, with backoff, when the stream ends or an item is an error.
///     #[watch(call = plugged)]
///     async fn devices(&self) -> Result<impl Stream<Item = Result<String>>> {
///         Ok(stream::iter([Ok("disk".to_owned())]))
///     }
///
///     async fn plugged(&self, device: String) -> Result<()> {
///         println!("{device}");
///         Ok(())
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # sprag::start_with(Scope::new("storage"), Storage::new()).await?.stop().await;
/// # Ok(())
/// # }
/// ```
///
/// The method may be async, and takes `&self` and optionally a [`&Scope`](service::Scope).
///
/// # Options
///
/// | option | means |
/// |---|---|
/// | `poll = "5s"` | the method returns a value, or a `Result` of it, and is called every 5 s: a text, a constant `Duration` or one of the service, as in `self.period`. Without `poll`, the method returns a `Stream`, or a `Result` of it |
/// | `call = changed` | this method of the block receives the values: `now: &T`, or `before: Option<&T>` and `now: &T`, of a poll; the item by value, of a stream. The method may be async and fail |
/// | `into = field` | the values are written into this [`Store`] or [`Model`](struct@Model), unless they are equal to its state at that moment |
///
/// The first poll comes directly after `on_start`, and its value counts as a change; with
/// `call`, each value is compared with the one of the poll before. A poll that is not async
/// runs on a thread that may block. The items of a stream may be `Result`s: an error ends
/// the stream. Calls never overlap.
///
/// # Failures
///
/// An error or a panic is reported through `tracing` and counted in the health and the
/// report. After a failed poll, the pause is twice the period, and doubles each time up to
/// one minute (or the period, if that is longer). After a stream that ended or failed, the
/// pause is 100 ms, and doubles up to 30 s until a stream produces an item. Each of these
/// pauses has a random part. A failure of the method in `call` does not change the pause.
///
/// A poll has no limit of its own: while one hangs, no other begins, and the health of the app
/// lists it with its duration ([`AppHealth::running`](app::AppHealth::running)).
/// `tokio::time::timeout` in an async method makes it a failure instead.
#[cfg(feature = "service")]
pub use sprag_macros::watch;

/// Marks the method that reports the health of a service.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct Library { files: usize }
/// #[service]
/// impl Library {
///     # fn new() -> Self { Self { files: 0 } }
///     #[health]
///     fn health(&self) -> Health {
///         match self.files {
///             0 => Health::degraded("no files yet"),
///             _ => Health::Healthy,
///         }
///     }
/// }
/// ```
///
/// [`App::health`](app::App::health) calls the method. The method may be async, takes
/// `&self` and optionally a [`&Scope`](service::Scope), and returns a
/// [`Health`](service::Health) or another type that is [`IntoHealth`](service::IntoHealth).
/// A panic and a call that takes too long count as unhealthy. A service without the method is
/// healthy while it runs, and no service is healthier than the
/// [resources](Resource::health_check) that it owns.
#[cfg(feature = "service")]
pub use sprag_macros::health;

/// Makes an app from services, and checks their graph: a missing service, a missing value
/// and a cycle do not compile.
///
/// ```
/// use sprag::prelude::*;
///
/// pub struct MailCfg {
///     pub from: &'static str,
/// }
///
/// pub trait Outbox: Send + Sync {
///     fn push(&self, letter: String);
/// }
///
/// pub struct Db {
///     letters: Store<Vec<String>>,
/// }
///
/// #[service(own(letters))]
/// impl Db {
///     fn new() -> Self {
///         Self { letters: create_store("letters", Vec::new()) }
///     }
/// }
///
/// impl Outbox for Db {
///     fn push(&self, letter: String) {
///         self.letters.update(|letters| letters.push(letter));
///     }
/// }
///
/// pub struct Mailer {
///     outbox: Handle<dyn Outbox>,
///     config: Config<MailCfg>,
/// }
///
/// #[service]
/// impl Mailer {
///     fn new(outbox: Handle<dyn Outbox>, config: Config<MailCfg>) -> Self {
///         Self { outbox, config }
///     }
///
///     pub fn greet(&self) -> sprag::Result<()> {
///         self.outbox.get()?.push(format!("{} says hello", self.config.from));
///         Ok(())
///     }
/// }
///
/// app! { pub Shop(MailCfg) { Mailer, Db as dyn Outbox } }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let shop = Shop::start(MailCfg { from: "sprag" }).await?;
/// shop.handle::<Mailer>().get()?.greet()?;
/// assert_eq!(*shop.handle::<Db>().get()?.letters.get(), ["sprag says hello"]);
///
/// let report = shop.stop().await;
/// assert!(report.is_clean());
/// # Ok(())
/// # }
/// ```
///
/// The order of the list has no meaning: a service starts after its dependencies, and
/// independent services start at the same time. An entry may have a `#[cfg]`. Several
/// services may be listed as one trait; another service then takes `Vec<Handle<dyn
/// Outbox>>`, and a single `Handle<dyn Outbox>` does not compile. An app has no greatest
/// number of services, dependencies or depth; a dependency costs the compiler about 0.4 ms
/// in a debug build (1,000 services in a chain: 3.4 s; 20,000 dependencies: 7.6 s; 1,000 services that depend
/// on all before them, 499,500 dependencies: 5.4 min and 7.8 GB on a busy machine).
///
/// The app's type has `start`, `run` (a whole process: runtime, signals, exit code) and
/// `builder` (limits, bus, signals), which take the values in the parentheses, and
/// `mermaid` and `dot`, which return the graph as text for drawing. The type derefs to
/// [`App`](app::App). `Fake as dyn Outbox` in the app of a test replaces `Db` by another
/// service. A marker parameter, as in `Db<Primary>`, distinguishes two services of a kind.
/// `crate = path;` before the name gives the path of sprag, if it is not `::sprag`.
#[cfg(feature = "service")]
pub use sprag_macros::app;

/// Makes a list of services that a library offers and apps include.
///
/// ```
/// # use sprag::prelude::*;
/// mod storage {
///     # use sprag::prelude::*;
///     pub trait Outbox: Send + Sync {}
///
///     pub struct Memory;
///
///     impl Outbox for Memory {}
///
///     #[service]
///     impl Memory {
///         fn new() -> Self {
///             Self
///         }
///     }
///
///     sprag::services! { pub Storage { Memory as dyn Outbox } }
/// }
///
/// pub struct Mailer;
///
/// #[service]
/// impl Mailer {
///     fn new(_outbox: Handle<dyn storage::Outbox>) -> Self {
///         Self
///     }
/// }
///
/// app! { pub Shop { Mailer, ..storage::Storage } }
/// # fn main() {}
/// ```
///
/// The entries are those of [`app!`] without `#[cfg]`; the list has no values and cannot
/// include another list. The expansion is a module and a macro, both with the list's name;
/// one `use` imports both. Each `pub` list of a crate needs a name of its own.
#[cfg(feature = "service")]
pub use sprag_macros::services;

/// The compiler's check of an app's graph: names that its messages use.
///
/// `#[service]` and `app!` write the impls; users call nothing in this module.
#[cfg(feature = "service")]
pub mod graph {
    pub use sprag_runtime::__private::{
        AllOf, Fits, Given, GivenTo, InApp, Needs, Param, Provides, ServiceNode, ServiceParameter,
        Shareable, Shared, Wiring, erase,
    };
}

/// A place, with keys and indices in brackets: `path!(Chat.rooms[room].unread)`.
///
/// The macro is a shorter spelling of a path. It is checked like the long one: with the
/// same types, the same cost, and the compiler's messages at the wrong words. The place
/// begins with a type, which may be an alias of a map or a list.
///
/// | step | long spelling |
/// |---|---|
/// | `.field`, `.0` | a field; behind a key, `.then(Room::PATHS.field)` |
/// | `.playing.url` | a field of an enum's variant, which is in snake case |
/// | `[key]`, `[index]` | `.key(key)` of a map, `.at(index)` of a list |
/// | `?` | `.some()`: the content of an `Option` |
/// | `.deref()`, `.len()`, `.keys()` | the methods of these names |
///
/// ```
/// use std::collections::HashMap;
///
/// use sprag::{path, prelude::*};
///
/// #[derive(Model, Clone, Debug, Default, PartialEq)]
/// struct Chat {
///     rooms: HashMap<String, Room>,
/// }
///
/// #[derive(Model, Clone, Debug, Default, PartialEq)]
/// struct Room {
///     members: HashMap<u64, Member>,
///     topic: Option<String>,
/// }
///
/// #[derive(Model, Clone, Debug, Default, PartialEq)]
/// struct Member {
///     unread: u32,
/// }
///
/// let chat = create_model("chat", Chat::default());
/// let room = "lobby";
/// chat.insert(path!(Chat.rooms), room, Room::default());
/// chat.insert(path!(Chat.rooms[room].members), 7, Member::default())?;
///
/// let unread = path!(Chat.rooms[room].members[7].unread);
/// chat.set(unread, 3)?;
/// assert_eq!(chat.get(unread), Some(3));
/// assert_eq!(unread.to_string(), "rooms.lobby.members.7.unread");
/// assert_eq!(chat.get(path!(Chat.rooms[room].topic?)), None);
/// # Ok::<(), sprag::error::Absent>(())
/// ```
#[macro_export]
macro_rules! path {
    ($($place:tt)+) => { $crate::path_in!($crate; $($place)+) };
}
