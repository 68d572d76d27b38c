use sprag::prelude::*;

pub struct Library;

#[derive(Debug)]
pub struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

#[service]
impl Library {
    fn new() -> Result<Self, Broken> {
        Ok(Self)
    }
}

fn main() {}
