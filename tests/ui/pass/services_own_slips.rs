use sprag::prelude::*;

pub struct A {
    playback: Store<u64>,
}

#[service(own(playback))]
impl A {
    fn new() -> Self {
        Self { playback: create_store("playback", 0) }
    }

    pub fn position(&self) -> u64 {
        *self.playback.get()
    }
}

pub struct B {
    playback: Store<u64>,
}

#[service(own(playback))]
impl B {
    fn new() -> Self {
        Self { playback: create_store("playback", 0) }
    }

    pub fn position(&self) -> u64 {
        *self.playback.get()
    }
}

app! { pub Shop { A, B } }

fn main() {}
