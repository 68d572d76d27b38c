//! [`Changed`]: a cell's commits as events on a bus.

use std::sync::Arc;

use super::change::Delivered;
use super::{CallTime, Cell, EveryCommit, subscriber};
use crate::bus::{Bus, Event, Topic};
use crate::error::BusError;

/// The event of a commit of a [`Model`](crate::Model) or a [`Store`](crate::Store).
///
/// Emitted after every commit and in order, on the topic `{name}:changed`, once
/// `emit_events` was called on the model or store.
///
/// The event holds a snapshot: as long as a listener keeps it, the next write clones the
/// state.
///
/// ```
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, PartialEq)]
/// # struct Tv { url: Option<String>, position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let bus = Bus::new();
/// tv.emit_events(&bus)?;
/// let _log = bus.on_topic(&tv.changed(), |event: &Changed<Tv>| {
///     println!("{} is at version {}: {}", event.name, event.version, event.state.position);
/// });
/// tv.set(Tv::PATHS.position, 7); // prints
/// # Ok::<(), sprag::error::BusError>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Changed<T> {
    /// The name of the model or store.
    pub name: Arc<str>,
    /// The version that the commit made.
    pub version: u64,
    /// The state that the commit made.
    pub state: Arc<T>,
}

impl<T> Clone for Changed<T> {
    fn clone(&self) -> Self {
        Self { name: Arc::clone(&self.name), version: self.version, state: Arc::clone(&self.state) }
    }
}

#[diagnostic::do_not_recommend]
impl<T: Send + Sync + 'static> Event for Changed<T> {
    const NAME: &'static str = "changed";
}

impl<T: Clone + Send + Sync + 'static> Cell<T> {
    /// The topic of its commits.
    pub(crate) fn changed(&self) -> Topic<Changed<T>> {
        Topic::new(format!("{}:changed", self.name()))
    }

    /// Emits every commit from now on, until the cell is destroyed or dropped.
    pub(crate) fn emit_events(self: &Arc<Self>, bus: &Bus) -> Result<(), BusError> {
        let claim = bus.claim(self.changed())?;
        let name = Arc::clone(self.name());
        let emit = move |state: &Arc<T>, change: &Delivered<'_, T>| {
            let (name, state) = (Arc::clone(&name), Arc::clone(state));
            claim.emit(&Changed { name, version: change.version(), state });
        };
        self.subscribe(EveryCommit, subscriber(emit), CallTime::AfterCommit).detach();
        Ok(())
    }
}
