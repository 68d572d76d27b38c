//! Every kind of hook, with its options.
#![deny(warnings)]

use std::time::Duration;

use sprag::prelude::*;

#[derive(Event, Clone)]
pub struct Moved;

pub struct Settings {
    pub every: Duration,
}

pub struct Library {
    period: Duration,
    settings: Config<Settings>,
}

#[service]
impl Library {
    fn new(settings: Config<Settings>) -> Self {
        Self { period: Duration::from_secs(1), settings }
    }

    fn on_start(&self) {}

    async fn on_stop(&self) {}

    async fn on_stopped(&self, _scope: &Scope) -> sprag::Result<()> {
        Ok(())
    }

    #[task]
    async fn endless(&self) -> ! {
        loop {
            std::future::pending::<()>().await;
        }
    }

    #[interval(self.period)]
    async fn rescan(&self) {}

    #[interval(self.settings.every * 2)]
    fn count(&self, _scope: &Scope) {}

    #[listen(queue = 10)]
    async fn waits(&self, _event: &Moved) {}

    #[listen(queue = 1_024, when_full = drop_oldest)]
    async fn loses(&self, _event: &Moved, _scope: &Scope) {}

    #[health]
    fn health(&self, _scope: &Scope) -> Health {
        Health::Healthy
    }
}

app! { Hub(Settings) { Library } }

fn main() {
    let _hub = Hub::builder(Settings { every: Duration::from_secs(1) });
}
