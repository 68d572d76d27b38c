use std::time::Duration;

use sprag::prelude::*;

#[derive(Event, Clone)]
#[event("moved")]
pub struct Moved;

pub struct Db;

const PERIOD: Duration = Duration::from_secs(3);

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    fn on_start(&self) {}

    fn on_stop(&self) -> sprag::Result<()> {
        Ok(())
    }

    #[listen]
    fn a(&self, _event: &Moved) {}

    #[listen]
    async fn b(&self, _event: &Moved) -> std::io::Result<()> {
        Ok(())
    }

    #[listen]
    fn d(&self, scope: &Scope, _event: &Moved) {
        scope.shutdown();
    }

    #[interval("1m 30s")]
    async fn e(&self) {}

    #[interval(PERIOD)]
    fn f(&self, _scope: &Scope) -> Result<(), String> {
        Err("reported, and it goes on".into())
    }

    #[task]
    async fn h(&self) {}

    #[task]
    async fn m(&self, scope: &Scope) -> sprag::Result<()> {
        scope.cancelled().await;
        Ok(())
    }

    #[health]
    fn j(&self) -> Result<(), String> {
        Ok(())
    }
}

app! { pub Shop { Db } }

fn main() {}
