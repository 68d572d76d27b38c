//! The common methods of [`Cache`](super::Cache) and [`KeyedCache`](super::KeyedCache),
//! written once: names, `set`, listeners, statistics, the end of life and the standard traits.

/// Writes the shared methods and traits of a cache type, a handle whose `inner` is an `Arc`
/// of a [`CacheNode`](super::node::CacheNode). `create` is the builder of the examples,
/// which call the cache `cache`; `call` is the key with which the arguments of a call
/// begin, `own` the same for an owned key, and `clear` a call of its own.
macro_rules! face {
    (
        $cache:ident<$($param:ident),+> where { $($bounds:tt)* }
        $(key: $key:ident: $K:ident,)?
        create: $create:literal, call: $call:literal, own: $own:literal, clear: $clear:literal,
    ) => {
        impl<$($param),+> $cache<$($param),+>
        where
            $($bounds)*
        {
            /// Returns the name that the cache was created with.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("let cache = ", $create, ".build()?;")]
            /// assert_eq!(cache.name(), "sizes");
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn name(&self) -> &str {
                &self.inner.core.name
            }

            /// Replaces the value. The new value expires after the cache's `ttl`.
            ///
            /// Readers find the old value or the new one at any moment. The caches that
            /// depend on this one are cleared and notified as by an invalidation, also
            /// those that depend on its topic; listeners of the topic receive one event,
            /// and listeners of [`on_invalidate`](Self::on_invalidate) receive none. A
            /// computation of the value that is under way is not stored.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            #[doc = concat!("cache.set(", $own, "700);")]
            #[doc = concat!("let size = cache.get_or_compute(", $call, "|| unreachable!(\"a hit\"));")]
            /// assert_eq!(size, 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn set(&self, $($key: $K,)? value: V) {
                self.put($($key,)? value, self.inner.core.policy.ttl);
            }

            /// Replaces the value. The new value expires after `ttl`; zero means no expiry,
            /// and so does a `ttl` past the clock's end.
            ///
            /// Otherwise as [`set`](Self::set).
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # use std::time::Duration;
            /// # use sprag::cache::ManualClock;
            /// # let clock = ManualClock::new();
            #[doc = concat!("# let cache = ", $create, ".clock(clock.clone()).build()?;")]
            #[doc = concat!("cache.set_with_ttl(", $own, "700, Duration::from_secs(5));")]
            /// clock.advance(Duration::from_secs(5));
            #[doc = concat!("let size = cache.get_or_compute(", $call, "|| 800); // the value has expired")]
            /// assert_eq!(size, 800);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn set_with_ttl(
                &self,
                $($key: $K,)?
                value: V,
                ttl: std::time::Duration,
            ) {
                self.put($($key,)? value, ttl);
            }

            /// Calls `listener` after each invalidation, in the thread that invalidates.
            ///
            /// An invalidation comes from a call or from a dependency. By then all caches
            /// of the wave are cleared, so the listener may compute a value.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// let _log = cache.on_invalidate(|event| println!("{} was cleared", event.name));
            #[doc = concat!("cache.", $clear, "; // prints")]
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn on_invalidate(
                &self,
                listener: impl Fn(&$crate::cache::Invalidated) + Send + Sync + 'static,
            ) -> $crate::Subscription {
                self.inner.core.on_invalidate(listener)
            }

            /// Returns the topic of the cache's [`Invalidated`](crate::cache::Invalidated)
            /// events, which are emitted on the bus that the cache was built with.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// let topic = cache.invalidated();
            /// let _log = Bus::global().on_topic(&topic, |event| println!("{event:?}"));
            #[doc = concat!("cache.", $clear, "; // prints")]
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn invalidated(&self) -> $crate::bus::Topic<$crate::cache::Invalidated> {
                self.inner.core.topic()
            }

            /// Returns the counts of the cache since it was built.
            ///
            /// Adds up the counts of all threads.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            #[doc = concat!("cache.get_or_compute(", $call, "|| 700);")]
            #[doc = concat!("cache.get_or_compute(", $call, "|| 700);")]
            /// let stats = cache.stats();
            /// assert_eq!((stats.hits, stats.misses, stats.computations), (1, 1, 1));
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn stats(&self) -> $crate::cache::CacheStats {
                self.inner.core.counters.stats()
            }

            /// Clears the cache and releases its name, its dependencies and its listeners.
            ///
            /// Handles stay usable: the cache stores nothing any more, and a computation
            /// serves the callers that wait for it. A second call does nothing. A service
            /// calls it for the caches that it owns.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// cache.destroy();
            #[doc = concat!("let next = ", $create, ".build(); // the name is free")]
            /// assert!(next.is_ok());
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn destroy(&self) {
                self.inner.core.destroy();
                $crate::cache::wave::clear(&*self.inner);
            }
        }

        #[expect(private_interfaces, reason = "sealed by it")]
        impl<$($param),+> $crate::cache::AnyCache for $cache<$($param),+>
        where
            $($bounds)*
        {
            fn __node(&self) -> std::sync::Arc<dyn $crate::cache::node::CacheNode> {
                self.inner.clone()
            }
        }

        impl<$($param),+> $crate::Resource for $cache<$($param),+>
        where
            $($bounds)*
        {
            /// Calls `destroy`.
            fn release(&self) {
                self.destroy();
            }
        }

        impl<$($param),+> Drop for $cache<$($param),+> {
            fn drop(&mut self) {
                self.inner.core.drop_handle();
            }
        }

        impl<$($param),+> Clone for $cache<$($param),+> {
            fn clone(&self) -> Self {
                self.inner.core.add_handle();
                Self { inner: self.inner.clone() }
            }
        }

        impl<$($param),+> std::fmt::Debug for $cache<$($param),+> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let core = &self.inner.core;
                f.debug_struct(stringify!($cache))
                    .field("name", &core.name)
                    .field("ttl", &core.policy.ttl)
                    .field("stats", &core.counters.stats())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use face;
