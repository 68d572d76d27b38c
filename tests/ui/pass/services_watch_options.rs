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

    #[watch(poll = "5s", call = changed)]
    fn a(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn b(&self) -> u64 { 1 }

    #[watch(poll = "5s", into = free)]
    fn c(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn d(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn e(&self) -> u64 { 1 }

    #[watch(poll = "5s", call = changed)]
    fn f(&self) -> u64 { 1 }

    #[watch(call = item)]
    fn g(&self) -> impl Stream<Item = u64> { stream::iter([1]) }

    fn changed(&self, _now: &u64) {}

    fn item(&self, _item: u64) {}
}

app! { pub Shop { Disks } }

fn main() {}
