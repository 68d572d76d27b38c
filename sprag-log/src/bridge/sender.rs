//! [`EventSender`]: appends the events of the bus, one entry at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use serde_json::value::RawValue;
use tokio::sync::mpsc::Receiver as Queue;
use tokio::sync::oneshot;
use tokio::time::sleep;

use super::PAUSE;
use super::packet::EventPacket;
use crate::backend::{Log, Snapshot};
use crate::entry::{decode, encode};
use crate::error::AppendError;

/// How many entries remain in the log, at least; at most about twice as many of each process.
const KEPT: usize = 1_024;
/// The maximal number of events in one entry.
const TOGETHER: usize = 256;
/// The bytes of an entry besides its events.
const OVERHEAD: usize = 256;

/// A message to the sender.
pub(super) enum Queued {
    Event(Box<RawValue>),
    /// An event was lost, which has no message of its own.
    Lost,
    /// Reply once all earlier events are sent.
    Flush(oneshot::Sender<()>),
}

pub(super) struct EventSender<L> {
    log: Arc<L>,
    name: Arc<str>,
    process: u64,
    /// How many entries this process has appended.
    made: u64,
    /// The last known sequence.
    last: u64,
    /// Events that could not be sent and that no entry reports yet.
    lost: Arc<AtomicU64>,
    /// The sequences of the entries that remain in the log.
    kept: VecDeque<u64>,
}

/// Whether to continue with the same entry.
#[derive(PartialEq)]
enum PacketFate {
    Done,
    Again,
}

impl<L: Log> EventSender<L> {
    pub(super) fn new(
        log: Arc<L>,
        name: Arc<str>,
        process: u64,
        last: u64,
        lost: Arc<AtomicU64>,
    ) -> Self {
        Self { log, name, process, made: 0, last, lost, kept: VecDeque::new() }
    }

    /// Sends until the bridge is closed and no event waits.
    pub(super) async fn run(mut self, mut queue: Queue<Queued>) {
        let mut waiting = Vec::new();
        while queue.recv_many(&mut waiting, TOGETHER).await > 0 {
            let (mut events, mut flushed) = (Vec::new(), Vec::new());
            let mut size = OVERHEAD;
            for queued in waiting.drain(..) {
                match queued {
                    Queued::Event(event) => {
                        size += event.get().len() + 1;
                        if size > self.log.max_entry() && !events.is_empty() {
                            self.send(std::mem::take(&mut events)).await;
                            size = OVERHEAD + event.get().len() + 1;
                        }
                        events.push(event);
                    }
                    Queued::Lost => {}
                    Queued::Flush(done) => flushed.push(done),
                }
            }
            if !events.is_empty() || self.lost.load(Relaxed) > 0 {
                self.send(events).await;
            }
            for done in flushed {
                // A caller that has gone needs no reply.
                let _ = done.send(());
            }
        }
    }

    /// Appends the events as one entry, repeatedly until the entry is in the log.
    async fn send(&mut self, events: Vec<Box<RawValue>>) {
        self.made += 1;
        let unsent = self.lost.swap(0, Relaxed);
        let (process, number) = (self.process, self.made);
        let mut packet = EventPacket { prev: self.last, process, number, unsent, events };
        loop {
            packet.prev = self.last;
            match encode(&packet) {
                Ok(entry) => {
                    if self.append(entry, &packet).await == PacketFate::Done {
                        break;
                    }
                }
                Err(error) => {
                    tracing::error!(log = &*self.name, %error, "events cannot be sent");
                    break;
                }
            }
        }
        self.drop_old().await;
    }

    async fn append(&mut self, entry: Bytes, packet: &EventPacket) -> PacketFate {
        match self.log.append_last(&self.name, self.last, entry).await {
            Ok(sequence) => {
                self.see(sequence);
                PacketFate::Done
            }
            // The following entries show whether this one is stored.
            Err(AppendError::Conflict | AppendError::Unknown(_)) => self.look(packet.number).await,
            Err(AppendError::Unavailable(reason)) => {
                tracing::debug!(log = &*self.name, reason, "events wait for the log");
                sleep(PAUSE).await;
                PacketFate::Again
            }
            Err(error @ AppendError::TooLarge { .. }) => {
                tracing::error!(log = &*self.name, %error, "an event cannot be sent");
                self.lost.fetch_add(packet.unsent + packet.events.len() as u64, Relaxed);
                PacketFate::Done
            }
        }
    }

    /// Reads the entries that other processes appended. The packet is done if these contain
    /// this process's entry of that number.
    async fn look(&mut self, number: u64) -> PacketFate {
        let page = match self.log.read(&self.name, self.last).await {
            Ok(page) => page,
            Err(error) => {
                tracing::debug!(log = &*self.name, %error, "events wait for the log");
                sleep(PAUSE).await;
                return PacketFate::Again;
            }
        };
        let mut found = PacketFate::Again;
        for stored in page.entries {
            self.see(stored.sequence);
            let own = decode::<EventPacket>(&stored.entry)
                .is_ok_and(|packet| (packet.process, packet.number) == (self.process, number));
            if own {
                found = PacketFate::Done;
            }
        }
        found
    }

    fn see(&mut self, sequence: u64) {
        self.last = self.last.max(sequence);
        self.kept.push_back(sequence);
    }

    /// Drops the entries that no process can still need, in batches.
    async fn drop_old(&mut self) {
        if self.kept.len() < 2 * KEPT {
            return;
        }
        self.kept.drain(..self.kept.len() - KEPT);
        let Some(&sequence) = self.kept.front() else { return };
        let snapshot = Snapshot { sequence, body: Bytes::new() };
        if let Err(error) = self.log.save_snapshot(&self.name, snapshot).await {
            tracing::warn!(log = &*self.name, %error, "old events are not dropped");
        }
    }
}
