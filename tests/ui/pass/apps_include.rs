//! An app includes lists of services, of this module and of others.
#![deny(warnings)]

mod storage {
    use sprag::prelude::*;

    pub trait Outbox: Send + Sync {}

    pub struct Memory;

    impl Outbox for Memory {}

    #[service]
    impl Memory {
        fn new() -> Self {
            Self
        }
    }

    pub struct Disk;

    impl Outbox for Disk {}

    #[service]
    impl Disk {
        fn new(_memory: Handle<Memory>) -> Self {
            Self
        }
    }

    sprag::services! {
        /// The services that store.
        pub Storage { Memory as dyn Outbox, Disk as dyn Outbox }
    }
}

mod time {
    use sprag::prelude::*;

    pub struct Clock;

    #[service]
    impl Clock {
        fn new() -> Self {
            Self
        }
    }

    sprag::services! { pub(crate) Time { Clock } }
}

use sprag::prelude::*;
use storage::Storage;

pub struct Mailer;

#[service(depends_on(time::Clock))]
impl Mailer {
    fn new(outboxes: Vec<Handle<dyn storage::Outbox>>) -> Self {
        assert_eq!(outboxes.len(), 2);
        Self
    }
}

app! { pub Shop { ..Storage, Mailer, ..time::Time } }

app! { pub Store { ..storage::Storage } }

#[tokio::main]
async fn main() {
    let shop = Shop::start().await.expect("it starts");
    assert_eq!(shop.handle::<storage::Disk>().name(), "Disk");
    assert_eq!(shop.handle::<time::Clock>().name(), "Clock");
    assert!(shop.stop().await.is_clean());
    let _store = Store::builder();
}
