//! The scenarios' shared parts: a log, and values that report their release.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::app::Limits;
use sprag::prelude::*;

/// The deadline of a test that could hang.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A log of events, in order.
#[derive(Clone, Default)]
pub struct Log {
    lines: Arc<Mutex<Vec<String>>>,
}

impl Log {
    pub fn say(&self, line: impl Into<String>) {
        self.lines.lock().unwrap().push(line.into());
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub fn at(&self, line: &str) -> usize {
        let lines = self.lines();
        lines.iter().position(|other| other == line).unwrap_or_else(|| panic!("{line}: {lines:?}"))
    }

    pub fn has(&self, line: &str) -> bool {
        self.lines().iter().any(|other| other == line)
    }
}

/// Reports its release and its drop.
pub struct Owned {
    pub log: Log,
    pub name: &'static str,
}

impl Owned {
    pub fn new(log: &Log, name: &'static str) -> Self {
        Self { log: log.clone(), name }
    }
}

impl Resource for Owned {
    fn release(&self) {
        self.log.say(format!("release {}", self.name));
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.log.say(format!("drop {}", self.name));
    }
}

#[derive(Event, Clone)]
#[event("test:poked")]
pub struct Poked {
    pub by: u32,
}

/// The deadline of a step that must miss it. On a busy machine, a step that must not
/// miss it is still in time.
pub const SHORT: Duration = Duration::from_millis(150);

/// Short deadlines, for steps that must miss them.
pub fn short() -> Limits {
    Limits::new().start_hook(SHORT).stop_hook(SHORT).grace(SHORT)
}
