//! S9: `metrics::record` passes the numbers of states, caches and services to a recorder.
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString,
    Unit, with_local_recorder,
};
use sprag::app::Limits;
use sprag::prelude::*;
use test_support::{within, within_async};
use tokio::sync::Semaphore;

const LIMIT: Duration = Duration::from_secs(60);

/// The values by `name{label=value,…}`.
#[derive(Clone, Default)]
struct Values(Arc<Mutex<BTreeMap<String, f64>>>);

impl Values {
    fn recorded() -> Self {
        let values = Self::default();
        with_local_recorder(&values, sprag::metrics::record);
        values
    }

    fn at(&self, key: &str) -> f64 {
        let values = self.0.lock().unwrap();
        *values.get(key).unwrap_or_else(|| panic!("{key}: {values:#?}"))
    }

    fn series(&self, key: &Key) -> Arc<Series> {
        let labels: Vec<_> =
            key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        let key = format!("{}{{{}}}", key.name(), labels.join(","));
        Arc::new(Series { values: self.clone(), key })
    }
}

struct Series {
    values: Values,
    key: String,
}

impl Series {
    fn put(&self, value: f64) {
        self.values.0.lock().unwrap().insert(self.key.clone(), value);
    }
}

impl CounterFn for Series {
    fn increment(&self, _: u64) {
        unreachable!("all counters are absolute");
    }

    fn absolute(&self, value: u64) {
        self.put(value as f64);
    }
}

impl GaugeFn for Series {
    fn increment(&self, _: f64) {
        unreachable!("all gauges are set");
    }

    fn decrement(&self, _: f64) {
        unreachable!("all gauges are set");
    }

    fn set(&self, value: f64) {
        self.put(value);
    }
}

impl Recorder for Values {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.series(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.series(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn s9_states_count_their_commits_subscribers_and_panics() {
    let volume = create_store("metrics volume", 3_u8);
    let one = volume.subscribe(|_, _| ());
    let _two = volume.subscribe(|_, _| panic!("some panic"));
    let _three = volume.subscribe(|_, _| ());
    volume.replace(4);
    volume.replace(5);

    let values = Values::recorded();
    assert_eq!(values.at("sprag_commits_total{state=metrics volume}"), 2.0);
    assert_eq!(values.at("sprag_subscribers{state=metrics volume}"), 3.0);
    assert_eq!(values.at("sprag_backlog{state=metrics volume}"), 0.0);
    assert_eq!(values.at("sprag_callback_panics_total{state=metrics volume}"), 2.0);

    drop(one);
    assert_eq!(Values::recorded().at("sprag_subscribers{state=metrics volume}"), 2.0);
    drop((_two, _three, volume));
    // Another test may record at this moment, and hold the store for as long.
    let is_there =
        |values: Values| values.0.lock().unwrap().keys().any(|key| key.contains("metrics volume"));
    within(LIMIT, move || while is_there(Values::recorded()) {});
}

#[test]
fn s9_slow_readers_and_caches_are_counted() {
    let before = Values::recorded().at("sprag_lagged_total{}");
    let bus = Bus::new();
    let _reader = bus.stream::<Poked>();
    (0..1_026).for_each(|_| bus.emit(Poked));
    let drives = create_cache::<u32>("metrics drives").build().unwrap();
    drives.get_or_compute(|| 3);
    drives.get_or_compute(|| 3);

    let values = Values::recorded();
    assert_eq!(values.at("sprag_lagged_total{}") - before, 2.0);
    assert_eq!(values.at("sprag_cache_hits_total{cache=metrics drives}"), 1.0);
    assert_eq!(values.at("sprag_cache_computations_total{cache=metrics drives}"), 1.0);
}

#[derive(Event, Clone)]
pub struct Poked;

pub struct Job;

pub struct Busy {
    permits: Config<Semaphore>,
}

#[service(restart = on_failure(3, "10s"))]
impl Busy {
    fn new(permits: Config<Semaphore>) -> Self {
        Self { permits }
    }

    #[listen]
    fn heard(&self, _: &Poked) -> Result<(), &'static str> {
        Err("some error")
    }

    #[listen]
    async fn slow(&self, _: &Slow) {
        self.permits.acquire().await.unwrap().forget();
    }

    #[worker(1, queue = 8)]
    async fn work(&self, _: Job) {
        self.permits.acquire().await.unwrap().forget();
    }

    fn on_start(&self, scope: &Scope) {
        let inner = scope.clone();
        scope.listen(move |_: &Failing| _ = inner.spawn(async { Err::<(), _>("broken") })).unwrap();
    }
}

#[derive(Event, Clone)]
pub struct Failing;

#[derive(Event, Clone)]
pub struct Slow;

app! { pub Factory(Semaphore) { Busy } }

#[tokio::test]
async fn s9_services_count_failures_restarts_and_jobs() {
    let limits = Limits::new().grace(Duration::from_millis(20));
    let app = Factory::builder(Semaphore::new(0)).limits(limits).start().await.unwrap();
    app.bus().emit(Poked);
    app.bus().emit(Poked);
    let queue = app.handle::<Busy>().queue();
    for _ in 0..3 {
        queue.send(Job).await.unwrap();
    }
    let until = async |key: &str, value: f64| {
        within_async(LIMIT, async {
            while Values::recorded().at(key) != value {
                tokio::task::yield_now().await;
            }
        })
        .await;
    };
    until("sprag_jobs_running{app=Factory,service=Busy,worker=work}", 1.0).await;
    let longest = "sprag_longest_call_seconds{app=Factory,service=Busy}";
    within(LIMIT, move || while Values::recorded().at(longest) == 0.0 {});
    let values = Values::recorded();
    assert_eq!(values.at("sprag_jobs_waiting{app=Factory,service=Busy,worker=work}"), 2.0);
    assert_eq!(values.at("sprag_service_running{app=Factory,service=Busy}"), 1.0);
    assert_eq!(values.at("sprag_hook_failures_total{app=Factory,service=Busy,hook=heard}"), 2.0);
    assert_eq!(values.at("sprag_restarts_total{app=Factory,service=Busy}"), 0.0);

    (0..3).for_each(|_| app.bus().emit(Slow));
    until("sprag_events_waiting{app=Factory,service=Busy,hook=slow}", 3.0).await;

    app.bus().emit(Failing);
    until("sprag_restarts_total{app=Factory,service=Busy}", 1.0).await;
    until("sprag_service_running{app=Factory,service=Busy}", 1.0).await;
    let values = Values::recorded();
    assert_eq!(values.at("sprag_hook_failures_total{app=Factory,service=Busy,hook=heard}"), 2.0);
    let health = app.health().await;
    assert_eq!(health.restarts("Busy"), 1);
    app.stop().await;
}
