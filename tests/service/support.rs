//! What the scenarios share: a log, and things that say when they go.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::app::Limits;
use sprag::prelude::*;

/// What happened, in order.
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

/// Says so when it is released, and when it is dropped.
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

/// What a step gets that is meant to miss its deadline, and long enough for one that
/// is not, on a busy machine.
pub const SHORT: Duration = Duration::from_millis(150);

/// Fast deadlines, for what is meant to miss them.
pub fn short() -> Limits {
    Limits::new().start_hook(SHORT).stop_hook(SHORT).grace(SHORT)
}
