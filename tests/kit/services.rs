//! The services that the tests of the kit run.

use sprag::prelude::*;
use sprag::{Error, Result};

pub(crate) struct Player {
    scope: Scope,
}

#[service]
impl Player {
    pub(crate) fn new(scope: &Scope) -> Self {
        Self { scope: scope.clone() }
    }
}

impl Player {
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }
}

/// A service whose stop fails.
pub(crate) struct Broken;

#[service]
impl Broken {
    pub(crate) fn new() -> Self {
        Self
    }

    fn on_stop(&self) -> Result<()> {
        Err(Error::msg("no screen"))
    }
}

/// A service whose start fails.
pub(crate) struct Refused;

#[service]
impl Refused {
    pub(crate) fn new() -> Self {
        Self
    }

    fn on_start(&self) -> Result<()> {
        Err(Error::msg("no disk"))
    }
}

app! { pub(crate) Hub { Player } }
app! { pub(crate) BrokenHub { Broken } }
