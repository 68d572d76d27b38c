//! `#[cfg]` on an entry of `app!` and on a parameter of `new`.

use sprag::prelude::*;

pub trait Storage: Send + Sync {}

pub struct Clock;

#[service]
impl Clock {
    fn new() -> Self {
        Self
    }
}

pub struct Db;

impl Storage for Db {}

#[service]
impl Db {
    fn new() -> Self {
        Self
    }
}

pub struct Fake;

impl Storage for Fake {}

#[service]
impl Fake {
    fn new() -> Self {
        Self
    }
}

pub struct Mailer<T: 'static>(std::marker::PhantomData<T>);

#[service]
impl<T: Send + Sync> Mailer<T> {
    fn new(
        _storage: Handle<dyn Storage>,
        #[cfg(all())] _clock: Handle<Clock>,
        #[cfg(any())] _gone: Handle<NotThere>,
        #[cfg(any())]
        #[cfg(all())]
        _config: &Config<NotThere>,
    ) -> Self {
        Self(std::marker::PhantomData)
    }
}

app! {
    pub Shop {
        // A comment.
        Mailer<u8>,
        #[cfg(any())]
        Gone as dyn Storage,
        #[cfg(all())]
        Clock,
        #[cfg(any())]
        Db as dyn Storage,
        #[cfg(not(any()))]
        Fake as dyn Storage,
    }
}

#[tokio::main]
async fn main() {
    let shop = Shop::start().await.expect("it starts");
    assert!(shop.handle::<Mailer<u8>>().is_available());
    assert_eq!(shop.handle::<dyn Storage>().name(), "Fake");
    assert_eq!(shop.handle::<Clock>().name(), "Clock");
    assert!(shop.stop().await.is_clean());
}
