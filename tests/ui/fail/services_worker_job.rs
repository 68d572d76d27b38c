//! The job or the reply of a worker is wrong.
//!
//! A worker takes one job by value, and returns a type with a name.

use sprag::prelude::*;

pub struct A;
pub struct B;
pub struct C;
pub struct D;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }

    #[worker(4)]
    async fn a(&self) {} //~ ERROR

    #[worker(4)]
    async fn b(&self, _job: &B) {} //~ ERROR

    #[worker(4)]
    async fn c(&self, _job: C, _second: A) {} //~ ERROR

    #[worker(4)]
    async fn d(&self, _job: D) -> impl Copy {} //~ ERROR
}

app! { pub Shop { Db } }

fn main() {}
