//! L3, L4a and L5 for events: the opening and the end of a bridge, and events that do not fit.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use sprag::prelude::*;
use sprag_log::{
    AppendError, Bridge, Gap, Log, OpenError, Page, ReadError, Snapshot, Stored, bridge,
};
use tokio::time::{Instant, sleep, timeout};

use crate::simulated::{Client, Cut, Faults, Follower, World};

#[derive(Event, Clone, Debug, Serialize, Deserialize)]
#[event("notes:added")]
struct NoteAdded {
    text: String,
}

/// An event of the same name in a program where its text is a number.
#[derive(Event, Clone, Debug, Serialize, Deserialize)]
#[event("notes:added")]
struct NumberAdded {
    text: u32,
}

/// An event that is never JSON.
#[derive(Event, Clone, Debug, Deserialize)]
#[event("notes:added")]
struct Odd;

impl Serialize for Odd {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("no JSON"))
    }
}

/// An engine that refuses entries above so many bytes, which it does not announce.
struct Small {
    client: Client,
    limit: usize,
}

impl Log for Small {
    type Follower = Follower;

    async fn append(&self, name: &str, last: u64, entry: Bytes) -> Result<u64, AppendError> {
        if entry.len() > self.limit {
            return Err(AppendError::TooLarge { bytes: entry.len(), limit: self.limit });
        }
        self.client.append(name, last, entry).await
    }

    async fn read(&self, name: &str, after: u64) -> Result<Page, ReadError> {
        self.client.read(name, after).await
    }

    fn follow(&self, name: &str, after: u64) -> Follower {
        self.client.follow(name, after)
    }

    async fn save_snapshot(&self, name: &str, snapshot: Snapshot) -> Result<(), ReadError> {
        self.client.save_snapshot(name, snapshot).await
    }

    async fn load_snapshot(&self, name: &str) -> Result<Option<Snapshot>, ReadError> {
        self.client.load_snapshot(name).await
    }
}

/// A process that receives notes: how long each text is, and the gaps.
struct Reader {
    bridge: Bridge<NoteAdded>,
    lengths: Arc<Mutex<Vec<usize>>>,
    gaps: Arc<Mutex<Vec<Gap>>>,
    _listening: Subscription,
}

impl Reader {
    async fn start(world: &World) -> Self {
        let (bus, lengths, gaps) =
            (Bus::new(), Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (pushed, noted) = (Arc::clone(&lengths), Arc::clone(&gaps));
        let _listening =
            bus.on(move |note: &NoteAdded| pushed.lock().unwrap().push(note.text.len()));
        let bridge = bridge::<NoteAdded, _>(Arc::new(world.client()), &bus)
            .on_gap(move |gap| noted.lock().unwrap().push(gap))
            .await
            .expect("the log is in reach");
        Self { bridge, lengths, gaps, _listening }
    }

    /// The lengths of all texts so far, a while later.
    async fn lengths(&self) -> Vec<usize> {
        sleep(Duration::from_secs(5)).await;
        self.lengths.lock().unwrap().clone()
    }

    fn gaps(&self) -> Vec<String> {
        self.gaps.lock().unwrap().iter().map(|gap| format!("{gap:?}")).collect()
    }
}

fn calm() -> World {
    World::new(7, Faults::default())
}

fn note(length: usize) -> NoteAdded {
    NoteAdded { text: "x".repeat(length) }
}

#[tokio::test(start_paused = true)]
async fn l3_a_dropped_bridge_receives_nothing_more() {
    let world = calm();
    let (bus, reader) = (Bus::new(), Reader::start(&world).await);
    let sending = bridge::<NoteAdded, _>(Arc::new(world.client()), &bus);
    let sending = sending.await.expect("the log is in reach");
    bus.emit(note(1));
    sending.flush().await;
    assert_eq!(reader.lengths().await, [1]);
    let Reader { bridge, lengths, _listening, .. } = reader;
    drop(bridge);
    bus.emit(note(2));
    sending.flush().await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!(*lengths.lock().unwrap(), [1]);
}

#[tokio::test(start_paused = true)]
async fn l5_a_bridge_waits_for_the_log_as_long_as_asked() {
    let (client, limit) = (calm().client(), Duration::from_secs(2));
    let opening = || bridge::<NoteAdded, _>(Arc::new(client.clone()), &Bus::new()).within(limit);
    client.cut(Cut::Off);
    let begin = Instant::now();
    let opened = timeout(2 * limit, opening().into_future()).await.expect("it ends in time");
    let error = opened.expect_err("the log is out of reach");
    let is_away = matches!(&error, OpenError::Unavailable { waited, .. } if *waited == limit);
    assert!(is_away && begin.elapsed() >= limit, "{error} after {:?}", begin.elapsed());
    let mended = async {
        sleep(limit / 2).await;
        client.cut(Cut::Mended);
    };
    let (opened, ()) = tokio::join!(opening().into_future(), mended);
    assert_eq!(opened.expect("the log is in reach by then").lost(), 0);
}

#[tokio::test(start_paused = true)]
async fn l4a_events_that_wait_are_cut_into_entries_by_their_bytes() {
    let world = calm();
    let (bus, reader, client) = (Bus::new(), Reader::start(&world).await, world.client());
    let sending = bridge::<NoteAdded, _>(Arc::new(client.clone()), &bus);
    let sending = sending.await.expect("the log is in reach");
    // Two of them fill an entry of 1 MiB, and all of them wait when the first one is sent.
    for _ in 0..7 {
        bus.emit(note(400_000));
    }
    sending.flush().await;
    assert_eq!(reader.lengths().await, [400_000; 7]);
    assert_eq!(world.len(), 4);
    // With the marks between them these are a little more than an entry.
    let length = 4_095 - r#"{"text":""}"#.len();
    for _ in 0..256 {
        bus.emit(note(length));
    }
    sending.flush().await;
    assert_eq!(reader.lengths().await[7..], [length; 256]);
    assert_eq!(world.len(), 6);
    // Three of these fill an entry, in which 256 bytes are for the rest.
    let length = (client.max_entry() - 256) / 3 - 1 - r#"{"text":""}"#.len();
    for _ in 0..9 {
        bus.emit(note(length));
    }
    sending.flush().await;
    assert_eq!(reader.lengths().await[263..], [length; 9]);
    assert_eq!(world.len(), 9);
    let is_small = |stored: &Stored| stored.entry.len() <= client.max_entry();
    assert!(world.content().0.iter().all(is_small));
}

#[tokio::test(start_paused = true)]
async fn l3_events_that_the_engine_refuses_for_their_size_are_a_gap_of_the_others() {
    let world = calm();
    let (bus, reader) = (Bus::new(), Reader::start(&world).await);
    let engine = Small { client: world.client(), limit: 1_000 };
    let sending = bridge::<NoteAdded, _>(Arc::new(engine), &bus);
    let sending = sending.await.expect("the log is in reach");
    // Both are one entry.
    bus.emit(note(600));
    bus.emit(note(600));
    sending.flush().await;
    assert_eq!(sending.lost(), 2);
    bus.emit(note(5));
    sending.flush().await;
    assert_eq!(reader.lengths().await, [5]);
    let [gap] = &reader.gaps()[..] else { panic!("{:?}", reader.gaps()) };
    assert!(gap.starts_with("Unsent") && gap.contains("count: 2"), "{gap}");
    assert_eq!(sending.lost(), 0);
}

#[tokio::test(start_paused = true)]
async fn l3_a_loss_without_another_event_is_reported_too() {
    let world = calm();
    let (bus, reader) = (Bus::new(), Reader::start(&world).await);
    let sending = bridge::<Odd, _>(Arc::new(world.client()), &bus);
    let sending = sending.await.expect("the log is in reach");
    sending.flush().await;
    assert_eq!(world.len(), 0, "nothing is to be sent");
    bus.emit(Odd);
    sending.flush().await;
    assert_eq!((world.len(), sending.lost()), (1, 0));
    assert!(reader.lengths().await.is_empty());
    let [gap] = &reader.gaps()[..] else { panic!("{:?}", reader.gaps()) };
    assert!(gap.starts_with("Unsent") && gap.contains("count: 1"), "{gap}");
}

#[tokio::test(start_paused = true)]
async fn l3_an_event_of_another_form_is_a_gap_with_the_reason() {
    let world = calm();
    let (bus, reader) = (Bus::new(), Reader::start(&world).await);
    let sending = bridge::<NumberAdded, _>(Arc::new(world.client()), &bus);
    let sending = sending.await.expect("the log is in reach");
    bus.emit(NumberAdded { text: 7 });
    sending.flush().await;
    assert!(reader.lengths().await.is_empty());
    let [gap] = &reader.gaps()[..] else { panic!("{:?}", reader.gaps()) };
    assert!(gap.starts_with("Unreadable") && gap.contains("expected a string"), "{gap}");
}
