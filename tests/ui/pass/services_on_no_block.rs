use sprag::prelude::*;


fn start() {}


mod storage {}


trait Storage {}

struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

fn main() {
    start();
}
