//! [`Config`]: a value of an app, passed to its services.

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

/// A value that an app receives at its start, shared by all services that take it.
///
/// `app! { Shop(MailCfg) { … } }` receives a `MailCfg` at its start, and each service whose
/// `new` takes a `Config<MailCfg>` gets it. Cloning increments a counter.
///
/// ```
/// # use sprag::prelude::*;
/// # pub struct MailCfg { from: &'static str }
/// # pub struct Mailer { config: Config<MailCfg> }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> sprag::Result<()> {
/// #[service]
/// impl Mailer {
///     fn new(config: Config<MailCfg>) -> Self {
///         Self { config }
///     }
/// }
///
/// app! { pub Shop(MailCfg) { Mailer } }
///
/// let shop = Shop::start(MailCfg { from: "sprag" }).await?;
/// assert_eq!(shop.handle::<Mailer>().get()?.config.from, "sprag");
/// # shop.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Config<V: ?Sized> {
    /// A `V`. The type is erased, so that a `V` that cannot be shared is one error, and so
    /// is one without a size.
    value: Arc<dyn Any + Send + Sync>,
    ty: PhantomData<fn() -> Box<V>>,
}

impl<V: Send + Sync + 'static> Config<V> {
    /// Wraps a value for a `new` that is called without an app.
    ///
    /// ```
    /// # use sprag::service::Config;
    /// let from = Config::new("sprag");
    /// assert_eq!(*from, "sprag");
    /// ```
    pub fn new(value: V) -> Self {
        Self::shared(Arc::new(value))
    }
}

impl<V> Config<V> {
    /// `value` is a `V`.
    pub(crate) fn shared(value: Arc<dyn Any + Send + Sync>) -> Self {
        Self { value, ty: PhantomData }
    }
}

impl<V: 'static> Deref for Config<V> {
    type Target = V;

    fn deref(&self) -> &V {
        self.value.downcast_ref().expect("a config holds a value of its type")
    }
}

impl<V> Clone for Config<V> {
    fn clone(&self) -> Self {
        Self::shared(Arc::clone(&self.value))
    }
}

impl<V: fmt::Debug + 'static> fmt::Debug for Config<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&**self).finish()
    }
}
