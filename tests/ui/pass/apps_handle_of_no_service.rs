use sprag::prelude::*;

pub struct Clock;

#[service]
impl Clock {
    pub fn new() -> Self {
        Self
    }
}

pub struct Library;

#[service]
impl Library {
    fn new(_clock: Handle<Clock>) -> Self {
        Self
    }
}

app! { pub Hub { Library, Clock } }

fn main() {}
