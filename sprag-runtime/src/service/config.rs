//! [`Config`]: a value that the app was given.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A value that the app was started with, shared by all who ask for it.
///
/// `app! { Shop(MailCfg) { … } }` is given a `MailCfg` at its start, and each
/// service whose `new` takes a `Config<MailCfg>` gets it. Cloning costs a counter.
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
pub struct Config<V> {
    value: Arc<V>,
}

impl<V> Config<V> {
    /// A value for a `new` that is called without an app.
    ///
    /// ```
    /// # use sprag::service::Config;
    /// let from = Config::new("sprag");
    /// assert_eq!(*from, "sprag");
    /// ```
    pub fn new(value: V) -> Self {
        Self { value: Arc::new(value) }
    }

    pub(crate) fn shared(value: Arc<V>) -> Self {
        Self { value }
    }
}

impl<V> Deref for Config<V> {
    type Target = V;

    fn deref(&self) -> &V {
        &self.value
    }
}

impl<V> Clone for Config<V> {
    fn clone(&self) -> Self {
        Self { value: Arc::clone(&self.value) }
    }
}

impl<V: fmt::Debug> fmt::Debug for Config<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&self.value).finish()
    }
}
