//! [`Bridge`]: carries the events of one type between the buses of several processes.
//!
//! The events of a type have a log of their own. The sender appends the events that the bus
//! emits; the receiver emits on the bus the events that other processes appended. Neither
//! keeps a state.

mod packet;
mod receiver;
mod sender;

use std::any::{TypeId, type_name};
use std::cell::Cell;
use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sprag_runtime::__private::isolated;
use sprag_runtime::{Bus, Event, Resource, Subscription};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep};

use self::receiver::EventReceiver;
use self::sender::{EventSender, Queued};
use crate::backend::Log;
use crate::error::{OpenError, ReadError};
use crate::guard::{guarded, reason};

/// How many events may wait for the log.
const QUEUE: usize = 1_024;
/// The delay before the log is read again.
const PAUSE: Duration = Duration::from_millis(50);

/// Events that this process did not receive, as passed to [`Bridging::on_gap`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gap {
    /// The events before this entry were dropped from the log before this process read
    /// them.
    Dropped {
        /// The sequence of the first entry after the gap.
        sequence: u64,
    },
    /// The emitting process could not send some events: too many waited, or one was too
    /// large or not JSON.
    Unsent {
        /// The sequence of the entry that reports the loss.
        sequence: u64,
        /// How many events were lost.
        count: u64,
    },
    /// This process cannot read the entry, since it is damaged or was written for another
    /// type.
    Unreadable {
        /// The entry's sequence.
        sequence: u64,
        /// The reason.
        reason: String,
    },
}

type OnGap = Box<dyn FnMut(Gap) + Send>;

/// A bridge before its opening; `.await` opens it.
///
/// Returned by [`bridge`] and by the engines' `bridge`.
#[must_use = "a bridge is opened when it is awaited"]
pub struct Bridging<L, E> {
    log: Arc<L>,
    bus: Bus,
    on_gap: OnGap,
    limit: Duration,
    event: PhantomData<fn(E)>,
}

/// Carries the events of type `E` between the `bus` of this process and the buses of all
/// other processes that open the same bridge on the same log.
///
/// An event that [`Bus::emit`] emits in one process is emitted in each other process, once,
/// and in order for each sender; received events are not sent back. An event reaches the
/// listeners of its own process before `emit` returns, and other processes when it is in
/// the log. Events that were emitted before the bridge was open are not delivered.
///
/// An event is not a durable write: if a process dies before it has sent an event, the
/// event is lost without notice. Keep data that must not be lost in a
/// [`Logged`](crate::Logged) model.
///
/// Await this on a tokio runtime, which then runs the bridge and the listeners of received
/// events.
pub fn bridge<E: Event, L: Log>(log: Arc<L>, bus: &Bus) -> Bridging<L, E> {
    let on_gap: OnGap = Box::new(|gap| {
        tracing::warn!(event = E::NAME, ?gap, "events of other processes did not arrive");
    });
    let (bus, limit) = (bus.clone(), Duration::from_secs(30));
    Bridging { log, bus, on_gap, limit, event: PhantomData }
}

impl<L, E> Bridging<L, E> {
    /// Calls `f` when events of other processes did not arrive. The default logs a warning.
    ///
    /// Caches that depend on the event should then be invalidated.
    pub fn on_gap(mut self, f: impl FnMut(Gap) + Send + 'static) -> Self {
        self.on_gap = Box::new(f);
        self
    }

    /// Sets how long the opening may take while the log is out of reach. The default is 30
    /// s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }
}

impl<L, E> IntoFuture for Bridging<L, E>
where
    L: Log,
    E: Event + Serialize + DeserializeOwned,
{
    type Output = Result<Bridge<E>, OpenError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        self.open().boxed()
    }
}

impl<L, E> Bridging<L, E>
where
    L: Log,
    E: Event + Serialize + DeserializeOwned,
{
    async fn open(self) -> Result<Bridge<E>, OpenError> {
        let Self { log, bus, on_gap, limit, .. } = self;
        let name: Arc<str> = format!("event:{}", E::NAME).into();
        let last = end(&*log, &name, limit).await?;
        let (process, lost) = (fastrand::u64(..), Arc::new(AtomicU64::new(0)));
        let receiver = EventReceiver::<E>::new(bus.clone(), process, last, on_gap);
        let receiving = tokio::spawn(receiver.run(Arc::clone(&log), Arc::clone(&name)));
        let (queue, queued) = mpsc::channel(QUEUE);
        let sender = EventSender::new(log, name, process, last, Arc::clone(&lost));
        tokio::spawn(sender.run(queued));
        let listener = listener::<E>(queue.clone(), Arc::clone(&lost));
        let open = OpenBridge { _listening: bus.on::<E>(listener), queue };
        let open = Mutex::new(Some(open));
        Ok(Bridge { open, receiving: receiving.abort_handle(), lost, event: PhantomData })
    }
}

/// Queues the events of the bus, unless they came from another process.
fn listener<E: Event + Serialize>(
    queue: mpsc::Sender<Queued>,
    lost: Arc<AtomicU64>,
) -> impl Fn(&E) + Send + Sync {
    move |event| {
        if is_received::<E>() {
            return;
        }
        let serialised = guarded(|| serde_json::value::to_raw_value(event));
        let body = match serialised.map_err(reason).and_then(|body| body.map_err(text)) {
            Ok(body) => body,
            Err(error) => {
                tracing::error!(event = E::NAME, error, "an event cannot be sent");
                lost.fetch_add(1, Relaxed);
                // Wakes the sender, which reports the loss to the other processes.
                let _ = queue.try_send(Queued::Lost);
                return;
            }
        };
        if queue.try_send(Queued::Event(body)).is_err() {
            lost.fetch_add(1, Relaxed);
        }
    }
}

fn text(error: impl fmt::Display) -> String {
    error.to_string()
}

/// The last sequence of the log `name`, 0 if it is empty.
async fn end(log: &impl Log, name: &str, limit: Duration) -> Result<u64, OpenError> {
    let (mut last, until) = (0, Instant::now() + limit);
    loop {
        match log.read(name, last).await {
            Ok(page) => {
                last = page.entries.last().map_or(last, |stored| stored.sequence);
                if page.is_last {
                    return Ok(last);
                }
            }
            Err(ReadError::Unavailable(reason)) if Instant::now() >= until => {
                return Err(OpenError::Unavailable { name: name.into(), waited: limit, reason });
            }
            Err(ReadError::Unavailable(_)) => sleep(PAUSE).await,
            Err(ReadError::Damaged(reason)) => {
                return Err(OpenError::Engine { name: name.into(), reason });
            }
        }
    }
}

thread_local! {
    /// The type of the event that a bridge is emitting on this thread.
    static RECEIVED: Cell<Option<TypeId>> = const { Cell::new(None) };
}

/// Whether this thread emits an `E` that came from another process.
fn is_received<E: Event>() -> bool {
    RECEIVED.get() == Some(TypeId::of::<E>())
}

/// Emits an event from another process. The bus handles a panic of a listener; a panic of the
/// event's drop is reported.
fn emit_received<E: Event>(bus: &Bus, event: E) {
    let before = RECEIVED.replace(Some(TypeId::of::<E>()));
    isolated(&E::NAME, || bus.emit(event));
    RECEIVED.set(before);
}

/// An open bridge. Dropping it closes it; waiting events are still sent.
///
/// A service can own a bridge, as it owns a subscription.
#[must_use = "dropping a bridge closes it"]
pub struct Bridge<E> {
    /// `None` once the bridge is closed.
    open: Mutex<Option<OpenBridge>>,
    receiving: AbortHandle,
    lost: Arc<AtomicU64>,
    event: PhantomData<fn(E)>,
}

struct OpenBridge {
    _listening: Subscription,
    queue: mpsc::Sender<Queued>,
}

impl<E> Bridge<E> {
    /// How many events could not be sent and are not yet reported to other processes by an
    /// entry in the log.
    pub fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }

    /// Waits until all emitted events are in the log.
    ///
    /// While the log is out of reach, this waits without a limit. Returns at once if the
    /// bridge is closed.
    pub async fn flush(&self) {
        let queue = self.open.lock().as_ref().map(|open| open.queue.clone());
        let Some(queue) = queue else { return };
        let (done, flushed) = oneshot::channel();
        if queue.send(Queued::Flush(done)).await.is_ok() {
            // A sender that has ended has nothing to send.
            let _ = flushed.await;
        }
    }
}

impl<E: 'static> Resource for Bridge<E> {
    fn release(&self) {
        self.receiving.abort();
        let open = self.open.lock().take();
        drop(open);
    }
}

impl<E> Drop for Bridge<E> {
    fn drop(&mut self) {
        self.receiving.abort();
    }
}

impl<E> fmt::Debug for Bridge<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridge")
            .field("event", &type_name::<E>())
            .field("lost", &self.lost())
            .finish_non_exhaustive()
    }
}

impl<L, E> fmt::Debug for Bridging<L, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bridging").field("event", &type_name::<E>()).finish_non_exhaustive()
    }
}
