use sprag::prelude::*;

pub struct Metrics;

#[service]
impl Metrics {
    fn new() -> Self {
        Self
    }
}

pub struct Other;

#[service]
impl Other {
    fn new() -> Self {
        Self
    }
}

pub struct Db {
    field: Store<u8>,
}

#[service(depends_on(Other), own(field), wants(Metrics), crate = ::sprag)]
impl Db {
    fn new() -> Self {
        Self { field: create_store("field", 0) }
    }
}

app! { crate = ::sprag; pub Shop { Db, Other } }

fn main() {}
