//! Hooks and services are found through any path that `crate = …` names.

mod vendored {
    pub use sprag as state;
}

use sprag as state;
use vendored::state::Event;

#[derive(Event, Clone)]
#[event("moved", crate = state)]
pub struct Moved;

pub struct Db;

#[state::service(crate = state)]
impl Db {
    fn new() -> Self {
        Self
    }

    #[state::listen]
    fn moved(&self, _event: &Moved) {}

    #[state::interval("1s")]
    async fn tick(&self) {}

    #[state::task]
    async fn follow(&self) {}

    #[state::health]
    fn health(&self) -> state::service::Health {
        state::service::Health::Healthy
    }
}

pub struct Mailer;

#[vendored::state::service(crate = crate::vendored::state)]
impl Mailer {
    fn new() -> Self {
        Self
    }

    #[crate::vendored::state::listen]
    fn moved(&self, _event: &Moved) {}

    #[::sprag::task]
    async fn follow(&self) {}
}

state::app! { crate = state; pub Shop { Db, Mailer } }

fn main() {}
