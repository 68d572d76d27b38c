//! S8: the rules for a failure that `#[service]` and `#[task]` state.

use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

#[derive(Default)]
pub struct Runs(AtomicUsize);

pub struct Fails {
    runs: Config<Runs>,
    told: Config<UnboundedSender<usize>>,
}

#[service(restart = on_failure(3, "10s"))]
impl Fails {
    fn new(runs: Config<Runs>, told: Config<UnboundedSender<usize>>) -> Self {
        Self { runs, told }
    }

    #[task]
    async fn once(&self) -> sprag::Result<()> {
        let run = self.runs.0.fetch_add(1, Ordering::SeqCst);
        self.told.send(run)?;
        if run == 0 { Err(sprag::Error::msg("the first run fails")) } else { Ok(()) }
    }

    #[task(on_failure = report)]
    async fn reported(&self) -> sprag::Result<()> {
        Err(sprag::Error::msg("nobody restarts for this"))
    }
}

app! { Hub(Runs, UnboundedSender<usize>) { Fails } }

#[tokio::test]
async fn s8_a_service_restarts_by_the_rule_in_its_attribute() {
    let (told, mut runs) = unbounded_channel();
    let hub = Hub::start(Runs::default(), told).await.unwrap();
    assert_eq!(runs.recv().await, Some(0));
    assert_eq!(runs.recv().await, Some(1), "it was restarted");
    assert!(hub.is_alive());
    hub.stop().await;
}
