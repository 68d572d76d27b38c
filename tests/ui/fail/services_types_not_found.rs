//! The types of a service's parameters are not found.
//!
//! Import each type, or correct its name: each is one error at its token.

use sprag::prelude::*;

pub struct DbConfig;
pub struct Pool;

#[service]
impl Pool {
    fn new() -> Self {
        Self
    }
}

#[derive(Event, Clone)]
pub struct Moved;

pub struct Resize;
pub struct Image;

#[derive(PartialEq)]
pub struct Space;

pub struct Db;

#[service]
impl Db {
    fn new(
        _: Config<DbConfg>, //~ ERROR
        _: Option<Handle<Pol>>, //~ ERROR
    ) -> Self {
        Self
    }

    #[listen]
    async fn moved(&self, _: &Movd) {} //~ ERROR

    #[worker(1)]
    async fn resize(
        &self,
        _: Resiz, //~ ERROR
    ) -> Imag { //~ ERROR
        Image
    }

    #[watch(poll = "5s", call = changed)]
    fn space(&self) -> Spac { //~ ERROR
        Space
    }

    fn changed(&self, _: &Space) {}
}

fn main() {}
