use sprag::prelude::*;

use std::sync::Arc;

pub struct Library;

#[service]
impl Library {
    fn new() -> Self {
        Self
    }

    #[task]
    async fn follow(&self, scope: &Scope) {
        let name: Arc<str> = "library".into();
        scope.cancelled().await;
        println!("{name}");
    }
}

fn main() {}
