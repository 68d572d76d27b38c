//! What looks like a mistake and is none.

use std::cell::Cell;

use sprag::prelude::*;

/// A trait that is not `Send`, of a service that is.
pub trait Store {}

struct Private;

impl Store for Private {}

#[service]
impl Private {
    fn new() -> Self {
        // Not held across an `.await`, and not a part of the service.
        let _ = Cell::new(0);
        Self
    }
}

struct Reader;

#[service(depends_on(Private))]
impl Reader {
    // One edge, although two reasons lead to it.
    fn new(_private: Handle<Private>, _store: Handle<dyn Store>) -> Self {
        Self
    }

    async fn on_start(&self) {}
}

// A block without `#[service]` has what it likes, a hook's name included.
impl Reader {
    #[allow(dead_code)]
    pub fn on_stop(&self) -> u8 {
        0
    }
}

app! { pub Shop { Reader, Private as dyn Store } }

app! { pub Nothing {} }

app! { pub Nobody() {} }

fn main() {
    struct Local;

    #[service]
    impl Local {
        fn new() -> Self {
            Self
        }
    }

    app! { Hub { Local } }

    let _ = (Shop::run, Nothing::run, Nobody::run, Hub::run);
}
