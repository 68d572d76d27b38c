//! A bus's events for an async reader.

use super::Bus;
use crate::event::Event;
use crate::stream::{EveryItem, channel};

/// How many events wait for a reader at most.
const BOUND: usize = 1024;

impl Bus {
    /// The events of type `E` that are emitted from now on, as a stream.
    ///
    /// At most 1,024 events wait. A reader who falls further behind loses the
    /// oldest, and its next item is [`Lagged`](crate::error::Lagged) with their
    /// number. Each stream costs an emit one clone of the event. The stream ends
    /// with the bus.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Event, Clone)]
    /// # #[event("storage:mount_changed")]
    /// # struct MountChanged { mounts: usize }
    /// # let bus = Bus::new();
    /// # pollster::block_on(async {
    /// use futures_util::StreamExt;
    ///
    /// let mut mounts = bus.stream::<MountChanged>();
    /// bus.emit(MountChanged { mounts: 3 });
    /// let event = mounts.next().await.expect("the bus lives")?;
    /// assert_eq!(event.mounts, 3);
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn stream<E: Event + Clone>(&self) -> EveryItem<E> {
        let (sender, receiver) = channel(BOUND);
        let subscription = self.on::<E>(move |event| sender.send(event.clone()));
        EveryItem::new(receiver, subscription)
    }
}
