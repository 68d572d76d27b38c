//! Options of a watch are wrong.
//!
//! A watch names what receives its values: a method of its block, or a field.

use futures_util::stream::{self, Stream};
use sprag::prelude::*;

pub struct Disks {
    free: Store<u64>,
}

#[service]
impl Disks {
    fn new() -> Self {
        Self { free: create_store("free", 0) }
    }

    #[watch(poll = "5s")] //~ ERROR
    fn a(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = chnged)] //~ ERROR
    fn b(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed, into = free)] //~ ERROR
    fn c(&self) -> u64 { 1 }

    #[watch(pol = "5s", call = changed)] //~ ERROR
    fn d(&self) -> u64 { 1 }

    #[watch(poll = "5 seconds", call = changed)] //~ ERROR
    fn e(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn f(&self) {} //~ ERROR

    #[watch(call = item)]
    fn g(&self) -> impl Stream<Item = u64> { stream::iter([1]) }

    fn changed(&self, _now: &u64) {}

    fn item(&self) {} //~ ERROR
}

app! { pub Shop { Disks } }

fn main() {}
