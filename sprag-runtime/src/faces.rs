//! The common methods of [`Model`], [`View`] and [`Store`], written once.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Weak};

use crate::bus::{Bus, Topic};
use crate::cell::change::StateHandle;
use crate::cell::changed::Changed;
use crate::cell::origin::Origin;
use crate::cell::writer::Writer;
use crate::cell::{Cell, Draft};
use crate::error::BusError;
use crate::model::Model;
use crate::path::State;
use crate::resource::Resource;
use crate::store::Store;
use crate::view::View;

macro_rules! reading {
    ($($face:ident by $create:literal;)*) => {$(
        impl<T: Clone + Send + Sync + 'static> $face<T> {
            /// The name that the state was created with.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// assert_eq!(tv.name(), "tv");
            /// ```
            pub fn name(&self) -> &str {
                self.cell.name()
            }

            /// The number of commits so far.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.update(|tv| tv.position = 7);
            /// tv.update(|tv| tv.position = 7); // an equal value is a commit, too
            /// assert_eq!(tv.version(), 2);
            /// ```
            pub fn version(&self) -> u64 {
                self.cell.version()
            }

            /// The number of subscribers' calls that panicked so far.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.update(|tv| tv.position = 7); // a panic would be reported through `tracing`
            /// assert_eq!(tv.panics(), 0);
            /// ```
            pub fn panics(&self) -> u64 {
                self.cell.panics()
            }

            /// Returns the whole present state, in O(1).
            ///
            /// A snapshot never changes. While it is held, the next write clones the state.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let before = tv.snapshot();
            /// tv.update(|tv| tv.position = 7);
            /// assert_eq!((before.position, tv.snapshot().position), (0, 7));
            /// ```
            pub fn snapshot(&self) -> Arc<T> {
                self.cell.snapshot()
            }

            /// Returns the version and the state of one moment, in O(1).
            ///
            /// A reader of `changes()` that has lagged starts again from this.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.update(|tv| tv.position = 7);
            /// let (version, state) = tv.versioned();
            /// assert_eq!((version, state.position), (1, 7));
            /// ```
            pub fn versioned(&self) -> (u64, Arc<T>) {
                self.cell.versioned()
            }

            /// Passes the present state to `f`, which runs outside of every lock.
            ///
            /// `f` may use this state in any way. A write during the call clones the state,
            /// since `f` holds a snapshot.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let length = tv.read(|tv| tv.url.as_ref().map_or(0, String::len));
            /// assert_eq!(length, 0);
            /// ```
            pub fn read<U>(&self, f: impl FnOnce(&T) -> U) -> U {
                f(&self.cell.snapshot())
            }

            /// Returns the topic of [`Changed`], on the buses that [receive the
            /// events](crate::Model::emit_events).
            ///
            /// Listeners can be added before the events are emitted.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// assert_eq!(tv.changed().name(), "tv:changed");
            /// ```
            pub fn changed(&self) -> Topic<Changed<T>> {
                self.cell.changed()
            }

            /// Waits until every commit so far has been delivered.
            ///
            /// Blocks while another thread delivers.
            ///
            /// # Panics
            ///
            /// Inside a callback or an `update`, where it would wait for itself.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let other = tv.clone();
            /// let writer = std::thread::spawn(move || other.update(|tv| tv.position = 7));
            /// tv.update(|tv| tv.position = 8); // the other thread may deliver it
            /// tv.flush(); // both are delivered, as far as they are committed
            /// # writer.join().unwrap();
            /// ```
            pub fn flush(&self) {
                self.cell.flush();
            }
        }
    )*};
}

reading! { View by "create_model"; Store by "create_store"; }

macro_rules! writing {
    ($($face:ident, $weak:ident: $($bound:path)?, by $create:literal;)*) => {$(
        impl<T: Clone + Send + Sync + 'static $(+ $bound)?> $face<T> {
            /// Returns a handle of the same state whose writes carry `origin`.
            ///
            /// Cheap, like a clone.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// # pollster::block_on(async {
            /// use futures_util::StreamExt;
            /// use sprag::state::Origin;
            ///
            /// let mut changes = tv.changes();
            /// tv.by(Origin::new("tab", 3)).update(|tv| tv.position = 7);
            /// let commit = changes.next().await.expect("the state lives")?;
            /// assert_eq!(commit.origin(), Some(&Origin::new("tab", 3)));
            /// # Ok::<(), sprag::error::Lagged>(())
            /// # }).unwrap();
            /// ```
            #[must_use = "`by` gives a handle whose writes carry the origin"]
            pub fn by(&self, origin: Origin) -> Self {
                Self::of(Arc::clone(&self.cell), Some(origin))
            }

            /// The writing half of the cell.
            #[inline]
            pub(crate) fn writer(&self) -> Writer<'_, T> {
                self.cell.writer(self.origin.as_slice())
            }

            /// Changes the state: `f` receives a clone, which then replaces the state.
            /// Returns the result of `f`. If `f` panics, nothing is changed.
            ///
            /// `f` runs under the lock, so it must not use this state through a handle. The
            /// clone costs O(n) in the size of the state.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let position = tv.update(|tv| {
            ///     tv.position += 7;
            ///     tv.position
            /// });
            /// assert_eq!(position, 7);
            /// ```
            pub fn update<U>(&self, f: impl FnOnce(&mut T) -> U) -> U {
                let Ok(value) = self.try_update(|state| Ok::<U, Infallible>(f(state)));
                value
            }

            /// Like [`update`](Self::update); if `f` returns an `Err`, nothing is changed.
            ///
            /// # Errors
            ///
            /// The error of `f`.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let refused = tv.try_update(|tv| {
            ///     tv.position += 7;
            ///     if tv.position > 5 { Err("too far") } else { Ok(()) }
            /// });
            /// assert_eq!((refused, tv.snapshot().position), (Err("too far"), 0));
            /// ```
            pub fn try_update<U, E>(&self, f: impl FnOnce(&mut T) -> Result<U, E>) -> Result<U, E> {
                self.writer().rewrite(f)
            }

            /// Replaces the whole state and returns the old one.
            ///
            /// Clones nothing.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let old = tv.replace(Tv { position: 7, ..Tv::default() });
            /// assert_eq!((old.position, tv.snapshot().position), (0, 7));
            /// ```
            pub fn replace(&self, state: T) -> Arc<T> {
                let mut draft = Draft::new(state);
                self.writer().write(&mut draft);
                draft.into_old()
            }

            /// Restores the initial state.
            ///
            /// Like [`replace`](Self::replace) with a clone of that state, which is kept
            /// for this purpose.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// tv.update(|tv| tv.position = 7);
            /// tv.reset();
            /// assert_eq!(tv.snapshot().position, 0);
            /// ```
            pub fn reset(&self) {
                if let Some(initial) = self.cell.initial() {
                    self.replace(T::clone(initial));
                }
            }

            /// Emits [`Changed`] on `bus` after every commit from now on, on the topic
            /// `{name}:changed`.
            ///
            /// # Errors
            ///
            /// If another model or store of the same name already emits on `bus`.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let bus = Bus::new();
            /// tv.emit_events(&bus)?;
            /// let _log = bus.on_topic(&tv.changed(), |event| println!("commit {}", event.version));
            /// tv.update(|tv| tv.position = 7); // prints
            /// # Ok::<(), sprag::error::BusError>(())
            /// ```
            pub fn emit_events(&self, bus: &Bus) -> Result<(), BusError> {
                self.cell.emit_events(bus)
            }

            /// Drops the subscribers. Later writes notify no subscriber, and later subscriptions
            /// are dead; the state stays readable and writable.
            ///
            /// A service that owns the state calls this when it stops. A second call does
            /// nothing.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// # pollster::block_on(async {
            /// use futures_util::StreamExt;
            ///
            /// let mut changes = tv.changes();
            /// tv.destroy();
            /// assert!(changes.next().await.is_none()); // the stream has ended
            /// tv.update(|tv| tv.position = 7);
            /// assert_eq!(tv.snapshot().position, 7);
            /// # });
            /// ```
            pub fn destroy(&self) {
                self.cell.destroy();
            }

            /// Returns a handle that does not keep the state alive.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let weak = tv.downgrade();
            /// drop(tv);
            /// assert!(weak.upgrade().is_none());
            /// ```
            pub fn downgrade(&self) -> $weak<T> {
                $weak { cell: Arc::downgrade(&self.cell), origin: self.origin.clone() }
            }
        }

        impl<T: Clone + Send + Sync + 'static $(+ $bound)?> Resource for $face<T> {
            fn release(&self) {
                self.destroy();
            }
        }

        impl<T: fmt::Debug> fmt::Debug for $face<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($face)).field(&self.cell).finish()
            }
        }

        impl<T: 'static> StateHandle for $face<T> {
            type State = T;
        }

        #[doc = concat!("A handle to a [`", stringify!($face), "`] that does not keep it alive.")]
        ///
        /// ```
        /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
        /// # use sprag::prelude::*;
        #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
        /// let weak = tv.downgrade();
        /// assert_eq!(weak.upgrade().map(|tv| tv.snapshot().position), Some(0));
        /// ```
        pub struct $weak<T: 'static> {
            pub(crate) cell: Weak<Cell<T>>,
            origin: Option<Origin>,
        }

        impl<T> $weak<T> {
            /// Returns a handle, if another handle still exists. The returned handle keeps
            /// the state alive again.
            ///
            /// ```
            /// # mod tv { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/tv.rs")); } use tv::*;
            /// # use sprag::prelude::*;
            #[doc = concat!("# let tv = ", $create, "(\"tv\", Tv::default());")]
            /// let weak = tv.downgrade();
            /// drop(tv);
            /// assert!(weak.upgrade().is_none());
            /// ```
            pub fn upgrade(&self) -> Option<$face<T>> {
                let cell = self.cell.upgrade()?;
                Some($face::of(cell, self.origin.clone()))
            }
        }

        impl<T> Clone for $weak<T> {
            fn clone(&self) -> Self {
                Self { cell: Weak::clone(&self.cell), origin: self.origin.clone() }
            }
        }

        impl<T> fmt::Debug for $weak<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($weak))
            }
        }
    )*};
}

writing! {
    Model, WeakModel: State, by "create_model";
    Store, WeakStore: , by "create_store";
}
