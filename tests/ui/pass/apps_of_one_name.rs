use sprag::prelude::*;

pub struct Db;

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

app! { pub Shop { Db } }

app! { pub Stall { Db } }

mod branch {
    use super::*;

    app! { pub Shop { Db } }

    pub fn runs() -> fn() -> std::process::ExitCode {
        Shop::run
    }
}

fn main() {
    let _ = branch::runs();
}
