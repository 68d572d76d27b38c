//! Apps in tests: fakes in the places of services, and a part of an app alone.

use std::sync::Arc;

use super::graph::ServiceOrder;
use super::{AppBuilder, Application};
use crate::service::expansion::Provides;
use crate::service::{Handle, Registry};

type PlaceFake = Box<dyn FnOnce(&mut Registry) + Send>;

/// The changes that a test makes to an app.
#[derive(Default)]
pub(super) struct Doubles {
    /// The services that fakes replace.
    faked: Vec<usize>,
    fakes: Vec<PlaceFake>,
    /// The services that the test needs; empty for all of them.
    only: Vec<usize>,
}

impl Doubles {
    pub(super) fn place(&mut self, registry: &mut Registry) {
        self.fakes.drain(..).for_each(|fake| fake(registry));
    }

    /// The services that start: those that are needed, with their dependencies, and not
    /// replaced by fakes.
    pub(super) fn kept(&self, order: &ServiceOrder) -> Vec<usize> {
        let all = 0..order.depends_on.len();
        let mut needed = vec![self.only.is_empty(); all.len()];
        let mut next = self.only.clone();
        while let Some(at) = next.pop() {
            if !self.faked.contains(&at) && !std::mem::replace(&mut needed[at], true) {
                next.extend(&order.depends_on[at]);
            }
        }
        all.filter(|&at| needed[at] && !self.faked.contains(&at)).collect()
    }
}

impl<A: Application> AppBuilder<A> {
    /// Replaces the service that is a `D` by `fake`. `D` is a service, or a trait that a
    /// service is listed as. For tests.
    ///
    /// Every `Handle<D>` leads to `fake` from the start on. The replaced service does not
    /// start: its `new` and its hooks do not run, and a handle to another type of it is
    /// unavailable. `fake` has no hooks; it is a value, and the test can keep a clone of
    /// it.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # use std::sync::{Arc, Mutex};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// pub trait Outbox: Send + Sync {
    ///     fn send(&self, mail: &str);
    /// }
    ///
    /// pub struct Smtp;
    ///
    /// #[service]
    /// impl Smtp {
    ///     fn new() -> sprag::Result<Self> {
    ///         Err(sprag::Error::msg("no network in a test"))
    ///     }
    /// }
    ///
    /// impl Outbox for Smtp {
    ///     fn send(&self, _: &str) {}
    /// }
    ///
    /// pub struct Shop {
    ///     outbox: Handle<dyn Outbox>,
    /// }
    ///
    /// #[service]
    /// impl Shop {
    ///     fn new(outbox: Handle<dyn Outbox>) -> Self {
    ///         Self { outbox }
    ///     }
    ///
    ///     fn order(&self) -> sprag::Result<()> {
    ///         self.outbox.get()?.send("thanks");
    ///         Ok(())
    ///     }
    /// }
    ///
    /// app! { pub Market { Shop, Smtp as dyn Outbox } }
    ///
    /// #[derive(Default)]
    /// struct Sent(Mutex<Vec<String>>);
    ///
    /// impl Outbox for Sent {
    ///     fn send(&self, mail: &str) {
    ///         self.0.lock().unwrap().push(mail.to_owned());
    ///     }
    /// }
    ///
    /// let sent = Arc::new(Sent::default());
    /// let market = Market::builder().fake::<dyn Outbox>(sent.clone()).start().await?;
    /// market.handle::<Shop>().get()?.order()?;
    /// assert_eq!(*sent.0.lock().unwrap(), ["thanks"]);
    /// # market.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn fake<D: ?Sized + Send + Sync + 'static>(mut self, fake: Arc<D>) -> Self
    where
        A: Provides<D>,
    {
        self.doubles.faked.push(A::INDEX);
        let place = move |registry: &mut Registry| registry.replace(Handle::from(fake));
        self.doubles.fakes.push(Box::new(place));
        self
    }

    /// Starts only `S` and the services that it depends on. Repeated calls add services.
    /// For tests.
    ///
    /// The other services are unavailable to handles, and absent from the health and the
    /// report.
    ///
    /// ```
    /// # mod hub { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/fixture/hub.rs")); } use hub::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> sprag::Result<()> {
    /// let hub = Hub::builder().only::<Player>().start().await?;
    /// assert_eq!(hub.services().len(), 1);
    /// # hub.stop().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn only<S: ?Sized>(mut self) -> Self
    where
        A: Provides<S>,
    {
        self.doubles.only.push(A::INDEX);
        self
    }
}
