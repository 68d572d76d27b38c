//! A log in memory whose network loses, delays and doubles messages and cuts connections,
//! by a seeded schedule.
//!
//! Everything runs on tokio's paused clock in one thread, so that a seed is one schedule.

use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use sprag_log::{AppendError, Follow, Log, Page, ReadError, Snapshot, Stored};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, broadcast};
use tokio::time::{sleep, timeout};

/// The frequency of each fault, per 1,000 cases.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Faults {
    /// A request that never arrives.
    pub(crate) lost: u32,
    /// An entry that is stored and whose acknowledgement never arrives.
    pub(crate) unacknowledged: u32,
    /// An entry that is stored long after its writer gave up.
    pub(crate) late: u32,
    /// An entry that is stored twice.
    pub(crate) doubled: u32,
    /// A condition that is not checked if it held one entry ago.
    pub(crate) unchecked: u32,
    /// A follower that loses its connection.
    pub(crate) cut: u32,
    /// An entry after which a sequence is left out, as where a stream has other subjects.
    pub(crate) jumped: u32,
}

/// The log and its network. For logs of one name.
#[derive(Clone)]
pub(crate) struct World(Arc<Mutex<Inner>>);

struct Inner {
    rng: fastrand::Rng,
    faults: Faults,
    entries: Vec<Stored>,
    last: u64,
    before_last: u64,
    snapshot: Option<Snapshot>,
    /// Wakes the followers, so that they need not poll often.
    stored: Arc<Notify>,
    /// How many entries the followers have received.
    followed: usize,
    /// How long the way of each byte of an entry to the log is.
    per_byte: Duration,
    /// The messages that no log keeps.
    notices: broadcast::Sender<Bytes>,
}

/// One process's connection.
#[derive(Clone)]
pub(crate) struct Client {
    world: World,
    /// Set when the process is dead: no reply arrives any more.
    dead: Arc<AtomicBool>,
    cut: Arc<AtomicBool>,
    /// How much longer each message of this process takes.
    slowness: Duration,
}

impl World {
    /// Also seeds the random numbers of this thread, by which the processes pause and name
    /// themselves.
    pub(crate) fn new(seed: u64, faults: Faults) -> Self {
        let seed = seed + schedule();
        fastrand::seed(seed);
        Self(Arc::new(Mutex::new(Inner {
            rng: fastrand::Rng::with_seed(seed),
            faults,
            entries: Vec::new(),
            last: 0,
            before_last: 0,
            snapshot: None,
            stored: Arc::default(),
            followed: 0,
            per_byte: Duration::ZERO,
            notices: broadcast::Sender::new(64),
        })))
    }

    pub(crate) fn client(&self) -> Client {
        self.slow_client(Duration::ZERO)
    }

    /// A process on a machine that does other work: each of its messages takes `slowness` longer.
    pub(crate) fn slow_client(&self, slowness: Duration) -> Client {
        Client { world: self.clone(), dead: Arc::default(), cut: Arc::default(), slowness }
    }

    /// From now on each byte of an entry takes `per_byte` until the entry is stored.
    pub(crate) fn weigh(&self, per_byte: Duration) {
        self.lock().per_byte = per_byte;
    }

    /// Ends all faults.
    pub(crate) fn heal(&self) {
        self.lock().faults = Faults::default();
    }

    /// Replaces the faults from now on.
    pub(crate) fn fail(&self, faults: Faults) {
        self.lock().faults = faults;
    }

    /// Drops the entry at `index`, which no snapshot covers.
    pub(crate) fn lose(&self, index: usize) {
        self.lock().entries.remove(index);
    }

    /// Changes the entry at `index`, as a damaged disk does.
    pub(crate) fn damage(&self, index: usize) -> u64 {
        let mut inner = self.lock();
        let stored = &mut inner.entries[index];
        let mut entry = stored.entry.to_vec();
        *entry.last_mut().expect("an entry has bytes") ^= 1;
        stored.entry = entry.into();
        stored.sequence
    }

    /// Drops all entries, as a purge of a stream by hand does. Sequences go on.
    pub(crate) fn purge(&self) {
        self.lock().entries.clear();
    }

    /// Drops all that the log has, and begins at the first sequence, as a server that lost its
    /// store.
    pub(crate) fn lose_all(&self) {
        let mut inner = self.lock();
        (inner.last, inner.before_last, inner.snapshot) = (0, 0, None);
        inner.entries.clear();
    }

    /// Drops the last `count` entries, as a server that comes back with an older copy of its store.
    pub(crate) fn forget(&self, count: usize) {
        let mut inner = self.lock();
        let rest = inner.entries.len() - count;
        inner.entries.truncate(rest);
        inner.last = inner.entries.last().map_or(0, |stored| stored.sequence);
        inner.before_last = 0;
    }

    /// Replaces the entries by those of `other`, and keeps the snapshot.
    pub(crate) fn take_entries(&self, other: &Self) {
        let entries = other.lock().entries.clone();
        self.lock().entries = entries;
    }

    /// Replaces the snapshot.
    pub(crate) fn keep(&self, snapshot: Snapshot) {
        self.lock().snapshot = Some(snapshot);
    }

    /// How many entries are stored, counting or not.
    pub(crate) fn len(&self) -> usize {
        self.lock().entries.len()
    }

    /// The entries and the snapshot.
    pub(crate) fn content(&self) -> (Vec<Stored>, Option<Snapshot>) {
        let inner = self.lock();
        (inner.entries.clone(), inner.snapshot.clone())
    }

    /// How many entries the followers of all processes have received.
    pub(crate) fn followed(&self) -> usize {
        self.lock().followed
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics here")
    }

    fn roll(&self, per_mille: impl FnOnce(&Faults) -> u32) -> bool {
        let mut inner = self.lock();
        let chance = per_mille(&inner.faults);
        inner.rng.u32(0..1_000) < chance
    }

    async fn delay(&self, up_to_micros: u64) {
        let micros = self.lock().rng.u64(0..up_to_micros);
        sleep(Duration::from_micros(micros)).await;
    }

    /// Stores `entry`, if the last sequence is `last` or there is no condition.
    fn store(&self, last: Option<u64>, entry: &Bytes) -> Result<u64, AppendError> {
        let unchecked = self.roll(|faults| faults.unchecked);
        let jumped = self.roll(|faults| faults.jumped);
        let mut inner = self.lock();
        let raced = unchecked && last == Some(inner.before_last);
        let present = inner.entries.last().map_or(0, |stored| stored.sequence);
        if last.is_some_and(|last| last != present) && !raced {
            return Err(AppendError::Conflict);
        }
        inner.before_last = inner.last;
        inner.last += if jumped { inner.rng.u64(2..4) } else { 1 };
        let sequence = inner.last;
        inner.entries.push(Stored { sequence, entry: entry.clone() });
        inner.stored.notify_waiters();
        Ok(sequence)
    }

    fn after(&self, after: u64, at_most: usize) -> Page {
        let inner = self.lock();
        let rest = || inner.entries.iter().filter(|stored| stored.sequence > after);
        let entries: Vec<_> = rest().take(at_most).cloned().collect();
        Page { is_last: rest().count() == entries.len(), entries }
    }
}

/// The number of another schedule of all worlds, `SPRAG_LOG_SCHEDULE`.
fn schedule() -> u64 {
    let number = std::env::var("SPRAG_LOG_SCHEDULE");
    number.map_or(0, |number| number.parse().expect("SPRAG_LOG_SCHEDULE is a number"))
}

impl Client {
    /// Kills the process: none of its requests gets a reply.
    pub(crate) fn kill(&self) {
        self.dead.store(true, Relaxed);
    }

    /// Cuts the connection, or restores it.
    pub(crate) fn cut(&self, cut: Cut) {
        self.cut.store(cut == Cut::Off, Relaxed);
    }

    fn is_cut(&self) -> bool {
        self.cut.load(Relaxed)
    }

    /// Delays a message to the log or back.
    async fn travel(&self) {
        self.world.delay(3_000).await;
        if !self.slowness.is_zero() {
            sleep(self.slowness).await;
        }
        if self.dead.load(Relaxed) {
            std::future::pending::<()>().await;
        }
    }

    async fn reach(&self) -> Result<(), ReadError> {
        self.travel().await;
        if self.is_cut() {
            return Err(ReadError::Unavailable("the connection is cut".into()));
        }
        Ok(())
    }

    /// Appends `entry`, if the last sequence is `last` or there is no condition.
    async fn send(&self, last: Option<u64>, entry: Bytes) -> Result<u64, AppendError> {
        let unknown = || Err(AppendError::Unknown("no answer".into()));
        if self.is_cut() {
            self.travel().await;
            return Err(AppendError::Unavailable("the connection is cut".into()));
        }
        let per_byte = self.world.lock().per_byte;
        if !per_byte.is_zero() {
            sleep(per_byte * u32::try_from(entry.len()).expect("a small entry")).await;
        }
        self.travel().await;
        if self.world.roll(|faults| faults.late) {
            self.store_late(last, entry);
            sleep(Duration::from_millis(50)).await;
            return unknown();
        }
        if self.is_cut() || self.world.roll(|faults| faults.lost) {
            sleep(Duration::from_millis(50)).await;
            return unknown();
        }
        let outcome = self.world.store(last, &entry);
        if let Ok(sequence) = outcome
            && self.world.roll(|faults| faults.doubled)
        {
            let _ = self.world.store(Some(sequence), &entry);
        }
        self.travel().await;
        if self.is_cut() || self.world.roll(|faults| faults.unacknowledged) {
            sleep(Duration::from_millis(50)).await;
            return unknown();
        }
        outcome
    }

    /// Stores `entry` some time later, if the condition holds then.
    fn store_late(&self, last: Option<u64>, entry: Bytes) {
        let world = self.world.clone();
        tokio::spawn(async move {
            world.delay(600_000).await;
            // Nothing waits for the outcome.
            let _ = world.store(last, &entry);
        });
    }
}

/// Whether a connection exists.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cut {
    Off,
    Mended,
}

impl Log for Client {
    type Follower = Follower;

    async fn append(&self, _: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.send(Some(last), entry).await
    }

    async fn append_last(&self, _: &str, _: u64, entry: Bytes) -> Result<u64, AppendError> {
        self.send(None, entry).await
    }

    async fn read(&self, _: &str, after: u64) -> Result<Page, ReadError> {
        self.reach().await?;
        let at_most = self.world.lock().rng.usize(1..200);
        let page = self.world.after(after, at_most);
        self.reach().await?;
        Ok(page)
    }

    fn follow(&self, _: &str, after: u64) -> Follower {
        Follower { client: self.clone(), after }
    }

    async fn save_snapshot(&self, _: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.reach().await?;
        let mut inner = self.world.lock();
        if inner.snapshot.as_ref().is_some_and(|own| own.sequence >= snapshot.sequence) {
            return Ok(());
        }
        inner.entries.retain(|stored| stored.sequence >= snapshot.sequence);
        inner.snapshot = Some(snapshot);
        Ok(())
    }

    async fn load_snapshot(&self, _: &str) -> Result<Option<Snapshot>, ReadError> {
        self.reach().await?;
        let snapshot = self.world.lock().snapshot.clone();
        self.travel().await;
        Ok(snapshot)
    }

    fn notify(&self, _: &str, message: Bytes) {
        if !self.is_cut() && !self.dead.load(Relaxed) {
            // The send fails if no process has the log open.
            let _ = self.world.lock().notices.send(message);
        }
    }

    fn notices(&self, _: &str) -> BoxStream<'static, Bytes> {
        let received = self.world.lock().notices.subscribe();
        let next = |(client, mut received): (Self, broadcast::Receiver<Bytes>)| async move {
            loop {
                match received.recv().await {
                    Ok(message) if client.reach().await.is_ok() => {
                        return Some((message, (client, received)));
                    }
                    // Messages may be lost.
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        };
        stream::unfold((self.clone(), received), next).boxed()
    }

    fn max_entry(&self) -> usize {
        1 << 20
    }
}

/// One reader, with delays of its own.
pub(crate) struct Follower {
    client: Client,
    after: u64,
}

impl Follow for Follower {
    async fn next(&mut self) -> Result<Vec<Stored>, ReadError> {
        let stored = Arc::clone(&self.client.world.lock().stored);
        loop {
            // Entries that are stored from here on wake the wait below.
            let stored = stored.notified();
            let mut stored = pin!(stored);
            stored.as_mut().enable();
            self.client.reach().await?;
            if self.client.world.roll(|faults| faults.cut) {
                return Err(ReadError::Unavailable("the follower was cut".into()));
            }
            let at_most = self.client.world.lock().rng.usize(1..20);
            let page = self.client.world.after(self.after, at_most);
            if let Some(last) = page.entries.last() {
                self.after = last.sequence;
                self.client.travel().await;
                self.client.world.lock().followed += page.entries.len();
                return Ok(page.entries);
            }
            // A cut connection is noticed after some time.
            let _ = timeout(Duration::from_millis(100), stored).await;
        }
    }
}
