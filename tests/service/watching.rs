//! S10: watchers that poll, and watchers that follow a stream.

use std::sync::Mutex;
use std::time::Duration;

use futures_util::stream::{self, Stream};
use sprag::error::BoxError;
use sprag::{prelude::*, start_with};
use tokio::time::Instant;

use super::support::*;

/// Returns these values, one for each poll; `None` fails, and the last one stays.
pub struct Polled {
    values: Mutex<Vec<Option<u32>>>,
    latest: Store<u32>,
    log: Log,
}

impl Polled {
    fn next(&self) -> Result<u32, String> {
        let mut values = self.values.lock().unwrap();
        let value = if values.len() > 1 { values.remove(0) } else { values[0] };
        value.ok_or_else(|| "not readable".to_owned())
    }
}

#[service(own(latest))]
impl Polled {
    fn new(log: Config<Log>) -> Self {
        let values = [Some(1), Some(1), Some(2), None, None, Some(2), Some(3)];
        let values = Mutex::new(values.to_vec());
        Self { values, latest: create_store("latest", 0), log: (*log).clone() }
    }

    #[watch(poll = "5s", call = changed)]
    async fn value(&self) -> Result<u32, String> {
        self.next()
    }

    fn changed(&self, before: Option<&u32>, now: &u32, scope: &Scope) -> Result<(), BoxError> {
        self.log.say(format!("{before:?} -> {now} in {}", scope.name()));
        if *now == 3 { Err("three".into()) } else { Ok(()) }
    }

    #[watch(poll = Duration::from_secs(1), into = latest)]
    fn length(&self) -> u32 {
        u32::try_from(self.log.lines().len()).unwrap()
    }
}

async fn until_line(log: &Log, line: &str) {
    while !log.has(line) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn s10_a_watch_that_polls_calls_its_method_when_the_value_differs() {
    let log = Log::default();
    let began = Instant::now();
    let service = Polled::new(Config::new(log.clone()));
    let service = start_with(Scope::new("polled"), service).await.unwrap();
    until_line(&log, "Some(2) -> 3 in polled").await;

    let lines = ["None -> 1 in polled", "Some(1) -> 2 in polled", "Some(2) -> 3 in polled"];
    assert_eq!(log.lines(), lines);
    // Six pauses of 5 s, two of which are longer, since the polls before them failed.
    assert!(began.elapsed() > Duration::from_secs(40), "{:?}", began.elapsed());
    let report = service.stop().await;
    let failures = report.services()[0].failures();
    assert_eq!((failures[0].hook(), failures[0].failed()), ("value", 3));
    assert_eq!(failures[0].last_error(), Some("three"));
}

#[tokio::test(start_paused = true)]
async fn s10_a_watch_writes_into_a_store_and_may_block_its_thread() {
    let log = Log::default();
    let service = Polled::new(Config::new(log.clone()));
    let latest = service.latest.clone();
    let service = start_with(Scope::new("polled"), service).await.unwrap();
    until_line(&log, "None -> 1 in polled").await;
    while *latest.get() == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let version = latest.version();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(latest.version(), version, "an equal value is not written");
    assert!(service.stop().await.is_clean());
}

/// Its connections bring items, end, fail and cannot be made, in turn.
pub struct Followed {
    opened: Mutex<u32>,
    latest: Model<u32>,
    log: Log,
}

#[service(own(latest))]
impl Followed {
    fn new(log: Config<Log>) -> Self {
        let latest = create_model("latest", 0);
        Self { opened: Mutex::new(0), latest, log: (*log).clone() }
    }

    #[watch(call = item)]
    async fn connection(
        &self,
        scope: &Scope,
    ) -> Result<impl Stream<Item = Result<u32, String>> + use<>, String> {
        let opened = {
            let mut opened = self.opened.lock().unwrap();
            *opened += 1;
            *opened
        };
        self.log.say(format!("opens {opened} in {}", scope.name()));
        match opened {
            1 => Ok(stream::iter(vec![Ok(1), Ok(2)])),
            2 => Ok(stream::iter(vec![Err("cut".to_owned()), Ok(9)])),
            3 => Err("refused".to_owned()),
            4 => panic!("four"),
            _ => Ok(stream::iter(vec![Ok(opened)])),
        }
    }

    async fn item(&self, item: u32) -> Result<(), String> {
        self.log.say(format!("item {item}"));
        if item == 1 { Err("one".to_owned()) } else { Ok(()) }
    }

    #[watch(into = latest)]
    fn numbers(&self) -> impl Stream<Item = u32> {
        stream::iter([4, 5, 5])
    }
}

#[tokio::test(start_paused = true)]
async fn s10_a_watch_opens_its_stream_again_when_it_ends_or_fails() {
    let log = Log::default();
    let service = Followed::new(Config::new(log.clone()));
    let latest = service.latest.clone();
    let service = start_with(Scope::new("followed"), service).await.unwrap();
    until_line(&log, "item 5").await;

    let lines = log.lines().join(", ");
    let begins = "opens 1 in followed, item 1, item 2, opens 2 in followed, opens 3 in followed, \
                  opens 4 in followed, opens 5 in followed, item 5";
    assert!(lines.starts_with(begins), "{lines}");
    assert_eq!(latest.read(|latest| *latest), 5);
    let report = service.stop().await;
    let failures = report.services()[0].failures();
    // The item 1, the item that is an error, the refusal and the panic.
    assert_eq!((failures[0].hook(), failures[0].failed()), ("connection", 4), "{report}");
    assert_eq!(failures.len(), 1);
}

#[tokio::test]
async fn s10_a_watch_with_a_period_of_zero_is_an_error_of_the_start() {
    pub struct Zero {
        period: Duration,
        seen: Store<u32>,
    }
    #[service]
    impl Zero {
        fn new() -> Self {
            Self { period: Duration::ZERO, seen: create_store("seen", 0) }
        }
        #[watch(poll = self.period, into = seen)]
        fn number(&self) -> u32 {
            3
        }
    }
    let error = start_with(Scope::new("zero"), Zero::new()).await.unwrap_err();
    assert_eq!(error.to_string(), "service `zero` failed in `number`");
}
