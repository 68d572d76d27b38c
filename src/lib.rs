#![cfg_attr(all(feature = "service", feature = "serde"), doc = include_str!("../README.md"))]
#![cfg_attr(
    not(all(feature = "service", feature = "serde")),
    doc = "Typed, live, server-side state."
)]

//! # Reference
//!
//! An item's page says what it does, costs and blocks, when it panics and which error
//! it returns, and shows it in an example.
//!
//! | to | see |
//! |---|---|
//! | keep state | [`Model`](struct@Model), [`Store`]; [`Transaction`], [`Change`], [`Commit`] |
//! | lead to a place in it | [`derive(Model)`](derive@Model), [`path`] |
//! | be told of changes | [`Selector`], [`Subscription`]; as streams [`LatestItem`], [`EveryItem`] |
//! | keep what is expensive | [`Cache`], [`KeyedCache`]; [`CacheBuilder`], [`Clock`] |
//! | tell others | [`Bus`], [`Topic`], [`derive(Event)`](derive@Event) |
//! | handle errors | [`error`], [`Error`] |
#![cfg_attr(
    feature = "service",
    doc = "\
| own all that | [`service`], [`Scope`], [`Handle`], [`Config`], [`Health`], [`Resource`] |
| run it | [`app!`], [`App`], [`Limits`], [`StopReport`]; [`start_with`] for one service |"
)]

/// An event: `#[derive(Event)] #[event("storage:mount_changed")]`.
///
/// Without a name it is called after its type, in snake case. `crate = …` names
/// this crate where it was renamed.
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
/// Every field's type must be state itself: derive `Model` for it too, or mark the
/// field `#[model(leaf)]`. A path costs nothing at run time that the field access
/// by hand does not.
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
/// | where | option | what it does |
/// |---|---|---|
/// | type, field | `leaf` | one opaque value: no paths lead into it |
/// | field | `skip` | no path leads to it |
/// | field, variant | `rename = "…"` | its name in a path's text |
/// | type | `crate = …` | names this crate where it was renamed |
/// | type | `patch_derive(…)` | what `TvPatch` derives |
///
/// Serde's `rename`, `rename_all`, `rename_all_fields` and `flatten` hold for a
/// path's text too. A variant is called by its name in snake case; one without
/// fields, and an enum of such, has no paths of its own. A field called `new` is set
/// with `new_` in a patch, since `new` makes the patch.
pub use sprag_macros::Model;
#[doc(hidden)]
pub use sprag_runtime::__private;
pub use sprag_runtime::error::{Error, Result};
pub use sprag_runtime::{
    AnyCache, Cache, CacheBuilder, CacheRead, CacheStats, Clock, Invalidated, KeyedCache,
    ManualClock, create_cache, create_keyed_cache,
};
pub use sprag_runtime::{
    Bus, Change, Changed, ChangedPlace, Commit, Event, EveryItem, LatestItem, Model, Resource,
    Selector, Store, Subscription, Topic, Transaction, WeakModel, WeakStore, create_model,
    create_store,
};
#[cfg(feature = "serde")]
pub use sprag_runtime::{Description, JsonState, ToJsonState};
pub use sprag_runtime::{error, path};

/// Makes a plain struct a service: put it on the `impl` block that holds `new` and
/// the hooks.
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
/// | `crate = path` | where sprag is, if it is not `::sprag` |
///
/// # `new`
///
/// Takes, in any order and number, [`Handle<S>`](Handle) and `Handle<dyn Trait>`
/// (each is a dependency), [`Config<V>`](Config), [`Bus`] and [`&Scope`](Scope), each
/// by value or by reference. Returns `Self` or a `Result` of it.
///
/// # Hooks
///
/// All take `&self`, and [`&Scope`](Scope) if they want it, and return nothing or a
/// `Result` of nothing, whose error is anything that `?` makes of it. All may be
/// async but `#[task]`, which must be.
///
/// | hook | called |
/// |---|---|
/// | `on_start` | once, after `new`; its failure is that of the app's start |
/// | `on_stop` | once, when the service stops, before its tasks are asked to end |
/// | `#[listen]` | with each event of its parameter's type: in the emitter's thread, or, if async, one after the other in a task of its own |
/// | `#[interval("60s")]` | after each period; calls never overlap |
/// | `#[task]` | once, after `on_start`; runs beside the rest |
/// | `#[health]` | when the app is asked how it is; returns [`Health`] |
///
/// A `#[task]` that fails or panics stops the app. A listener or an interval that
/// does is reported through `tracing`, and the next call comes all the same.
#[cfg(feature = "service")]
pub use sprag_macros::service;
// Hooks of a `#[service]`. Elsewhere they say where they belong.
#[cfg(feature = "service")]
pub use sprag_macros::{health, interval, listen, task};

/// Makes an app of services, and checks their graph: a missing service, a missing
/// value and a cycle do not compile.
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
/// The order of the list means nothing: a service starts after those it depends on,
/// independent ones at the same time.
///
/// The app's type has `start`, `run` (a whole process: runtime, signals, exit code)
/// and `builder` (limits, bus, signals), which take the values in the parentheses,
/// and derefs to [`App`]. `Fake as dyn Outbox` in the app of a test puts another
/// service in the place of `Db`; a marker parameter, as in `Db<Primary>`, makes two
/// of a kind. `crate = path;` before the name says where sprag is, if it is not
/// `::sprag`.
#[cfg(feature = "service")]
pub use sprag_macros::app;

/// # Example
///
/// ```
/// use sprag::{Scope, service, start_with};
///
/// pub struct Player;
///
/// #[service]
/// impl Player {
///     fn new(_scope: &Scope) -> Self {
///         Self
///     }
///
///     pub fn play(&self, n: u64) -> String {
///         format!("plays {n}")
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// let scope = Scope::new("player");
/// let player = Player::new(&scope); // a plain function
/// let player = start_with(scope, player).await?;
/// assert_eq!(player.get()?.play(3), "plays 3");
/// assert!(player.stop().await.is_clean());
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "service")]
pub use sprag_runtime::app::start_with;

#[cfg(feature = "service")]
pub use sprag_runtime::{
    Task,
    app::{
        App, AppBuilder, AppHealth, Ended, Limits, RunningService, ServiceReport, StartService,
        Step, StopReason, StopReport,
    },
    service::{Config, Handle, Health, IntoHealth, Outcome, Ref, Scope, Service},
};

/// How the compiler checks an app's graph: names for its messages to use.
///
/// `#[service]` and `app!` write the impls; there is nothing here for a user to call.
#[cfg(feature = "service")]
pub mod graph {
    pub use sprag_runtime::__private::{
        Fits, Gives, Has, Node, Param, Params, Provides, Shared, Wiring,
    };
}

/// What most files want: `use sprag::prelude::*`.
///
/// Names that many crates have, such as `Result` and `Path`, are not in it.
pub mod prelude {
    pub use crate::{
        Bus, Cache, Change, Changed, Event, Invalidated, KeyedCache, Model, Resource, Store,
        Subscription, create_cache, create_keyed_cache, create_model, create_store,
    };
    #[cfg(feature = "service")]
    pub use crate::{Config, Handle, Health, Scope, app, health, interval, listen, service, task};
}
