//! The method of a watch takes items of another type than the stream brings.
//!
//! Take the type of the items, by value.

use futures_util::stream::{self, Stream};
use sprag::prelude::*;

pub struct Disks;

#[service]
impl Disks {
    fn new() -> Self {
        Self
    }

    #[watch(call = changed)]
    fn space(&self) -> impl Stream<Item = u64> {
        stream::iter([1])
    }

    fn changed(&self, _now: String) {} //~ ERROR
}

app! { pub Shop { Disks } }

fn main() {}
