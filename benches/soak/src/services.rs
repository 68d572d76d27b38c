//! Apps that start and stop, with a service that fails and restarts in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::Scope;
use std::time::Duration;

use sprag::app::{Ended, ServiceReport};
use sprag::prelude::*;

use crate::findings::{Counter, Findings};

/// The resources that the services of one app hold: 0 after its stop.
#[derive(Clone, Default)]
pub(crate) struct Held(Arc<AtomicU64>);

/// How often the services of one app began.
#[derive(Clone, Default)]
pub(crate) struct Lives(Arc<AtomicU64>);

impl Held {
    fn take(&self) -> Guard {
        self.0.fetch_add(1, Ordering::SeqCst);
        Guard(self.clone())
    }
}

/// Released when its service is dropped.
pub(crate) struct Guard(Held);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

pub(crate) struct Store {
    _held: Guard,
}

#[service]
impl Store {
    fn new(held: Config<Held>) -> Self {
        Self { _held: held.take() }
    }

    #[interval("5ms")]
    async fn tick(&self) {}
}

/// Fails in its first lives.
pub(crate) struct Flaky {
    _store: Handle<Store>,
    _held: Guard,
}

#[service(restart = on_failure(1_000, "60s"))]
impl Flaky {
    fn new(store: Handle<Store>, held: Config<Held>, lives: Config<Lives>) -> Self {
        lives.0.fetch_add(1, Ordering::SeqCst);
        Self { _store: store, _held: held.take() }
    }

    #[task]
    async fn fail(&self) -> Result<(), String> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Err("the disk is full".into())
    }
}

app! { Night(Held, Lives) { Store, Flaky } }

/// Starts an app, lets its service fail a few times, stops the app, and begins again.
pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    scope.spawn(move || match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            while !findings.is_over() {
                runtime.block_on(night(findings));
            }
        }
        Err(error) => eprintln!("{error}"),
    });
}

async fn night(findings: &Findings) {
    let (held, lives) = (Held::default(), Lives::default());
    let Ok(app) = Night::start(held.clone(), lives.clone()).await else {
        return findings.add(Counter::Unclean, 1);
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    let report = app.stop().await;
    drop(app);
    let ended = report.service("Store").map(ServiceReport::ended);
    findings.expect(ended == Some(Ended::Finished), Counter::Unclean);
    findings.expect(held.0.load(Ordering::SeqCst) == 0, Counter::Unreleased);
    findings.add(Counter::Starts, 1);
    findings.add(Counter::Restarts, lives.0.load(Ordering::SeqCst).saturating_sub(1));
}
