//! S2: inside a service the current bus is the app's.

use sprag::bus::Bus as TheBus;
use sprag::prelude::*;

use super::support::*;

pub struct Everywhere {
    log: Log,
}

impl Everywhere {
    fn note(&self, hook: &str, scope: &Scope) {
        note(&self.log, hook, scope);
    }
}

fn note(log: &Log, hook: &str, scope: &Scope) {
    log.say(format!("{hook} {}", TheBus::current().is_same(scope.bus())));
}

/// Reports its drop.
struct Dropped(Log, Scope);

impl Drop for Dropped {
    fn drop(&mut self) {
        note(&self.0, "drop", &self.1);
    }
}

#[service]
impl Everywhere {
    async fn new(log: Config<Log>, scope: &Scope) -> Self {
        note(&log, "new", scope);
        Self { log: (*log).clone() }
    }
    fn on_start(&self, scope: &Scope) {
        self.note("on_start", scope);
        let (log, own) = (self.log.clone(), scope.clone());
        scope.cleanup(move || note(&log, "cleanup", &own));
        scope.adopt(Dropped(self.log.clone(), scope.clone()));
    }
    #[listen]
    fn sync(&self, _event: &Poked, scope: &Scope) {
        self.note("sync listener", scope);
    }
    #[listen]
    async fn later(&self, _event: &Poked, scope: &Scope) {
        self.note("async listener", scope);
    }
    #[task]
    async fn task(&self, scope: &Scope) {
        self.note("task", scope);
    }
    #[health]
    fn health(&self, scope: &Scope) -> Health {
        self.note("health", scope);
        Health::Healthy
    }
    fn on_stop(&self, scope: &Scope) {
        self.note("on_stop", scope);
    }
}

app! { pub All(Log) { Everywhere } }

#[tokio::test]
async fn s2_the_current_bus_is_the_apps_in_every_hook_listener_and_release() {
    let log = Log::default();
    let app = All::start(log.clone()).await.unwrap();
    app.bus().emit(Poked { by: 1 });
    app.health().await;
    while !log.has("task true") {
        tokio::task::yield_now().await;
    }
    assert!(app.stop().await.is_clean());
    let mut lines = log.lines();
    lines.sort();
    assert_eq!(
        lines,
        [
            "async listener true",
            "cleanup true",
            "drop true",
            "health true",
            "new true",
            "on_start true",
            "on_stop true",
            "sync listener true",
            "task true",
        ]
    );
}
