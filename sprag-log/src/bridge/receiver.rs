//! [`EventReceiver`]: emits the events that other processes appended.

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use sprag_runtime::__private::isolated;
use sprag_runtime::{Bus, Event};
use tokio::time::sleep;

use super::packet::EventPacket;
use super::{Gap, OnGap, PAUSE, emit_received, text};
use crate::backend::{Follow, Log, Stored};
use crate::entry::decode;
use crate::guard::{guarded, reason};

pub(super) struct EventReceiver<E> {
    bus: Bus,
    process: u64,
    /// The last sequence that was seen.
    seen: u64,
    /// The number of the last entry of each process.
    numbers: HashMap<u64, u64>,
    on_gap: OnGap,
    event: std::marker::PhantomData<fn(E)>,
}

impl<E: Event + DeserializeOwned> EventReceiver<E> {
    pub(super) fn new(bus: Bus, process: u64, seen: u64, on_gap: OnGap) -> Self {
        let event = std::marker::PhantomData;
        Self { bus, process, seen, numbers: HashMap::new(), on_gap, event }
    }

    /// Receives until the bridge is closed, which aborts this future.
    pub(super) async fn run<L: Log>(mut self, log: Arc<L>, name: Arc<str>) {
        loop {
            let mut follower = log.follow(&name, self.seen);
            loop {
                match follower.next().await {
                    Ok(entries) => entries.iter().for_each(|stored| self.take_in(stored)),
                    Err(error) => {
                        tracing::debug!(log = &*name, %error, "events of others wait");
                        break;
                    }
                }
            }
            sleep(PAUSE).await;
        }
    }

    fn take_in(&mut self, stored: &Stored) {
        let sequence = stored.sequence;
        if sequence <= self.seen {
            return;
        }
        let packet = match decode::<EventPacket>(&stored.entry) {
            Ok(packet) => packet,
            Err(error) => {
                self.seen = sequence;
                return self.gap(Gap::Unreadable { sequence, reason: error.to_string() });
            }
        };
        if packet.prev > self.seen {
            self.gap(Gap::Dropped { sequence });
        }
        self.seen = sequence;
        let last = self.numbers.entry(packet.process).or_default();
        if packet.process == self.process || packet.number <= *last {
            return;
        }
        *last = packet.number;
        self.emit(sequence, packet);
    }

    fn emit(&mut self, sequence: u64, packet: EventPacket) {
        if packet.unsent > 0 {
            self.gap(Gap::Unsent { sequence, count: packet.unsent });
        }
        for event in packet.events {
            let read = guarded(|| serde_json::from_str::<E>(event.get()));
            match read.map_err(reason).and_then(|event| event.map_err(text)) {
                Ok(event) => emit_received(&self.bus, event),
                Err(reason) => self.gap(Gap::Unreadable { sequence, reason }),
            }
        }
    }

    /// Calls the user's function and catches its panic.
    fn gap(&mut self, gap: Gap) {
        isolated(&"the function that was passed to `on_gap`", || (self.on_gap)(gap));
    }
}
