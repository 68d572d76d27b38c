//! L3 for events: every process receives each event of the others once and in order, and is
//! notified where events are missing.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sprag::{Resource, prelude::*};
use sprag_log::{Bridge, Gap, Snapshot, Stored, bridge};
use test_support::{each_seed, within};
use tokio::time::{sleep, timeout};

use crate::processes::{FAULTS, paused, reproduced};
use crate::simulated::{Client, Cut, Faults, World};

#[derive(Event, Clone, Debug, PartialEq, Serialize, Deserialize)]
#[event("storage:mount_changed")]
struct MountChanged {
    from: usize,
    number: usize,
}

/// A process with a bus of its own, and the events of its listeners.
struct Process {
    client: Client,
    bus: Bus,
    bridge: Bridge<MountChanged>,
    seen: Arc<Mutex<Vec<MountChanged>>>,
    gaps: Arc<Mutex<Vec<Gap>>>,
    _listening: Subscription,
}

impl Process {
    async fn start(world: &World) -> Self {
        Self::of(world.client()).await
    }

    async fn of(client: Client) -> Self {
        let bus = Bus::new();
        let (seen, gaps) = (Arc::<Mutex<Vec<_>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let listening = bus.on({
            let seen = Arc::clone(&seen);
            move |event: &MountChanged| seen.lock().unwrap().push(event.clone())
        });
        let bridging = bridge::<MountChanged, _>(Arc::new(client.clone()), &bus);
        let noted = Arc::clone(&gaps);
        let bridging = bridging.on_gap(move |gap| noted.lock().unwrap().push(gap));
        let bridge = bridging.within(Duration::from_secs(5)).await.expect("in reach by then");
        Self { client, bus, bridge, seen, gaps, _listening: listening }
    }

    fn emit(&self, from: usize, number: usize) {
        self.bus.emit(MountChanged { from, number });
    }

    /// The numbers of the events of one process, in the order of their arrival.
    fn numbers(&self, from: usize) -> Vec<usize> {
        let seen = self.seen.lock().unwrap();
        seen.iter().filter(|event| event.from == from).map(|event| event.number).collect()
    }

    async fn sees(&self, from: usize, count: usize) {
        let all = async {
            while self.numbers(from).len() < count {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(Duration::from_secs(60), all).await.expect("all events arrive");
        assert_eq!(self.numbers(from), (0..count).collect::<Vec<_>>());
    }
}

#[tokio::test(start_paused = true)]
async fn l3_an_event_makes_the_caches_of_other_processes_stale_and_does_not_come_back() {
    let world = World::new(7, Faults::default());
    let (here, there) = (Process::start(&world).await, Process::start(&world).await);
    let drives =
        create_cache::<u32>("drives").bus(&there.bus).depends_on::<MountChanged>().build().unwrap();
    assert_eq!(drives.get_or_compute(|| 3), 3);
    here.emit(0, 0);
    there.sees(0, 1).await;
    assert_eq!(drives.get(), None);
    // The events of both are sent, and each process has received each event once.
    there.emit(1, 0);
    here.sees(1, 1).await;
    here.bridge.flush().await;
    there.bridge.flush().await;
    here.emit(0, 1);
    there.sees(0, 2).await;
    assert_eq!((here.numbers(0), there.numbers(1)), (vec![0, 1], vec![0]));
    assert_eq!(world.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn l9_the_events_of_a_slow_process_are_sent_beside_those_of_a_busy_one() {
    let world = World::new(7, Faults::default());
    let busy = Process::start(&world).await;
    let slow = Process::of(world.slow_client(Duration::from_millis(30))).await;
    let emits = async {
        for number in 0.. {
            busy.emit(0, number);
            sleep(Duration::from_millis(1)).await;
        }
    };
    let arrives = async {
        for number in 0..10 {
            slow.emit(1, number);
            let sent = timeout(Duration::from_millis(500), slow.bridge.flush()).await;
            sent.expect("no event of the busy process refuses it");
        }
        busy.sees(1, 10).await;
    };
    tokio::select! {
        () = emits => unreachable!("it emits until the events of the other one are there"),
        () = arrives => {}
    }
}

#[tokio::test(start_paused = true)]
async fn l3_a_released_bridge_carries_nothing_and_what_waits_is_sent() {
    let world = World::new(7, Faults::default());
    let (here, there) = (Process::start(&world).await, Process::start(&world).await);
    here.emit(0, 0);
    here.bridge.release();
    here.emit(0, 1);
    there.emit(1, 0);
    there.sees(0, 1).await;
    there.bridge.flush().await;
    sleep(Duration::from_secs(5)).await;
    assert_eq!((there.numbers(0), here.numbers(1)), (vec![0], vec![]));
    here.bridge.flush().await;
}

#[tokio::test(start_paused = true)]
async fn l3_a_bridge_begins_with_the_events_after_its_opening() {
    let world = World::new(7, Faults::default());
    let here = Process::start(&world).await;
    // More than an engine returns in one page.
    for number in 0..300 {
        here.emit(0, number);
        here.bridge.flush().await;
    }
    let there = Process::start(&world).await;
    here.emit(1, 0);
    there.sees(1, 1).await;
    assert_eq!((there.numbers(0), there.gaps.lock().unwrap().len()), (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn l3_what_a_process_missed_for_good_is_a_gap() {
    let world = World::new(7, Faults::default());
    let (here, there) = (Process::start(&world).await, Process::start(&world).await);
    there.client.cut(Cut::Off);
    for number in 0..3_000 {
        here.emit(0, number);
        here.bridge.flush().await;
        match number {
            2_046 => assert_eq!(world.len(), 2_047, "nothing is old"),
            2_047 => assert_eq!(world.len(), 1_024, "old events are dropped"),
            _ => {}
        }
    }
    there.client.cut(Cut::Mended);
    here.emit(0, 3_000);
    let last = async {
        while there.numbers(0).last() != Some(&3_000) {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(60), last).await.expect("what is there arrives");
    assert!(matches!(there.gaps.lock().unwrap()[..], [Gap::Dropped { .. }]));
}

#[tokio::test(start_paused = true)]
async fn l3_what_could_not_be_sent_is_a_gap_of_the_others() {
    let world = World::new(7, Faults::default());
    let (here, there) = (Process::start(&world).await, Process::start(&world).await);
    here.client.cut(Cut::Off);
    here.emit(0, 0);
    sleep(Duration::from_millis(1)).await;
    for number in 1..1_030 {
        here.emit(0, number);
    }
    let lost = here.bridge.lost();
    assert!(lost > 0, "the queue is bounded");
    here.client.cut(Cut::Mended);
    here.bridge.flush().await;
    there.sees(0, 1_030 - usize::try_from(lost).unwrap()).await;
    let gaps = there.gaps.lock().unwrap();
    let unsent = gaps.iter().map(|gap| match gap {
        Gap::Unsent { count, .. } => *count,
        other => panic!("{other:?}"),
    });
    assert_eq!(unsent.sum::<u64>(), lost);
    assert_eq!(here.bridge.lost(), 0);
}

/// Three processes emit on an unreliable network. Returns what the log has at the end.
async fn program(seed: u64) -> (Vec<Stored>, Option<Snapshot>) {
    fastrand::seed(seed);
    let world = World::new(seed, FAULTS);
    let mut processes = Vec::new();
    for _ in 0..3 {
        processes.push(Process::start(&world).await);
    }
    for number in 0..30 {
        for (from, process) in processes.iter().enumerate() {
            if fastrand::u32(0..20) == 0 {
                process.client.cut(Cut::Off);
            }
            process.emit(from, number);
            sleep(Duration::from_millis(fastrand::u64(0..10))).await;
            if fastrand::u32(0..4) == 0 {
                process.client.cut(Cut::Mended);
            }
        }
    }
    world.heal();
    processes.iter().for_each(|process| process.client.cut(Cut::Mended));
    for process in &processes {
        for from in 0..3 {
            process.sees(from, 30).await;
        }
        assert!(process.gaps.lock().unwrap().is_empty());
    }
    world.content()
}

#[test]
fn l10_l3_events_by_seed_arrive_once_and_in_order_on_a_network_that_fails() {
    within(Duration::from_secs(600), || {
        each_seed("SPRAG_LOG_SEED", 100, |seed| drop(paused(program(seed))));
    });
}

#[test]
fn l10_a_seed_of_events_leaves_the_same_log_each_time() {
    within(Duration::from_secs(120), || reproduced(program));
}

/// An event whose code panics where its `number` says.
#[derive(Event, Clone, Debug)]
struct Fragile {
    number: u32,
}

const SERIALIZE: u32 = 101;
const DESERIALIZE: u32 = 102;
const DROP: u32 = 103;

impl Serialize for Fragile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        assert_ne!(self.number, SERIALIZE, "the event's `Serialize` panics");
        self.number.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fragile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        assert_ne!(number, DESERIALIZE, "the event's `Deserialize` panics");
        Ok(Self { number })
    }
}

impl Drop for Fragile {
    fn drop(&mut self) {
        assert_ne!(self.number, DROP, "the event's drop panics");
    }
}

#[tokio::test(start_paused = true)]
async fn l3_a_panic_of_an_events_code_costs_that_event_alone() {
    let world = World::new(7, Faults::default());
    let (here, there) = (Bus::new(), Bus::new());
    let gaps = Arc::<Mutex<Vec<Gap>>>::default();
    let noted = Arc::clone(&gaps);
    let sending = bridge::<Fragile, _>(Arc::new(world.client()), &here);
    let sending = sending.await.expect("the log is in reach");
    let receiving = bridge::<Fragile, _>(Arc::new(world.client()), &there);
    let receiving = receiving.on_gap(move |gap| noted.lock().unwrap().push(gap));
    let receiving = receiving.await.expect("the log is in reach");
    let seen = Arc::<Mutex<Vec<u32>>>::default();
    let pushed = Arc::clone(&seen);
    let _listening = there.on(move |event: &Fragile| pushed.lock().unwrap().push(event.number));
    for number in [1, SERIALIZE, 2, DESERIALIZE, 3, DROP, 4] {
        let emit = AssertUnwindSafe(|| here.emit(Fragile { number }));
        assert_eq!(catch_unwind(emit).is_err(), number == DROP, "the emitter drops its event");
        sending.flush().await;
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(*seen.lock().unwrap(), [1, 2, 3, DROP, 4]);
    let gaps = gaps.lock().unwrap().iter().map(|gap| format!("{gap:?}")).collect::<Vec<_>>();
    let [unsent, unreadable] = &gaps[..] else { panic!("{gaps:?}") };
    assert!(unsent.starts_with("Unsent") && unsent.contains("count: 1"), "{unsent}");
    assert!(unreadable.contains("the event's `Deserialize` panics"), "{unreadable}");
    // An event that the receiving process emits afterwards is sent.
    let entries = world.len();
    there.emit(Fragile { number: 5 });
    receiving.flush().await;
    assert_eq!(world.len(), entries + 1);
}
