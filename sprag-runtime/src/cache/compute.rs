//! The `get_or_compute` methods of [`Cache`](super::Cache) and
//! [`KeyedCache`](super::KeyedCache), written once, and the adapters between the
//! computations that users write and the one form that a flight runs: a future of a result.

pub(super) use std::future::ready;

pub(super) use super::flight::{Computed, OnLeaderError};
use crate::error::{BoxError, CacheError};
pub(super) use crate::sync::block_on;

/// Wraps a future that cannot fail.
pub(super) async fn map_ok<T, V>(
    value: impl Future<Output = T>,
    computed: impl FnOnce(T) -> Computed<V>,
) -> Result<Computed<V>, BoxError> {
    Ok(computed(value.await))
}

/// Boxes the error of a future.
pub(super) async fn map_err<T, V, E: Into<BoxError>>(
    value: impl Future<Output = Result<T, E>>,
    computed: impl FnOnce(T) -> Computed<V>,
) -> Result<Computed<V>, BoxError> {
    value.await.map(computed).map_err(E::into)
}

/// Returns the value to a caller whose computation cannot fail and that shares no other
/// caller's error: any remaining error is a mistake of the caller.
#[track_caller]
pub(super) fn unwrap_or_panic<V>(outcome: Result<V, CacheError>) -> V {
    outcome.unwrap_or_else(|error| panic!("{error}"))
}

/// Writes the computing methods of a cache type, which has the methods `fresh` and `lead`.
///
/// The `key` is what a call passes besides the computation, of the borrowed type `Q`; a
/// cache of one value has none. `call` is the start of the arguments in the examples.
macro_rules! computing {
    (
        $cache:ident<$($param:ident),+> where { $($bounds:tt)* }
        $(key: $key:ident: &$Q:ident where { $($key_bounds:tt)* },)?
        create: $create:literal, call: $call:literal,
    ) => {
        /// Computing. Each method returns the value of a hit at once; the value of a miss
        /// comes from one computation, which all callers of that time share.
        impl<$($param),+> $cache<$($param),+>
        where
            $($bounds)*
        {
            /// Returns the value, computed by `compute` on a miss unless another caller is already
            /// computing it.
            ///
            /// Blocks while another thread or task computes. `compute` runs on this thread,
            /// outside of every lock. A miss in a `KeyedCache` clones the key.
            ///
            /// # Panics
            ///
            /// If `compute` panics, and where [`try_get_or_compute`](Self::try_get_or_compute)
            /// returns an error that is not of `compute`.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            #[doc = concat!("let size = cache.get_or_compute(", $call, "|| 700);")]
            #[doc = concat!("let again = cache.get_or_compute(", $call, "|| unreachable!(\"a hit\"));")]
            /// assert_eq!((size, again), (700, 700));
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            #[track_caller]
            // One line, which the compiler shows where the method is called on a `Result`.
            pub fn get_or_compute<$($Q)?>(&self, $($key: &$Q,)? compute: impl FnOnce() -> V) -> V where $($($key_bounds)*)? {
                use $crate::cache::compute::{Computed, OnLeaderError, block_on, ready, unwrap_or_panic};

                match self.fresh($($key)?) {
                    Some(value) => value,
                    None => {
                        let compute = || ready(Ok(Computed::from(compute())));
                        unwrap_or_panic(block_on(self.lead($($key,)? OnLeaderError::Recompute, compute)))
                    }
                }
            }

            /// As [`get_or_compute`](Self::get_or_compute), for a `compute` that may fail.
            ///
            /// # Errors
            ///
            /// [`CacheError::Failed`] passes an error of `compute` to all callers that wait for
            /// it with a `try_` method; the cache does not store the error.
            /// [`CacheError::Reentrant`] if the call comes from inside the computation that it
            /// would wait for: the error names the caches that wait for each other.
            /// [`CacheError::InsideUpdate`] if the call would wait for another caller from inside
            /// an `update` of a cell, which that caller may need.
            ///
            /// [`CacheError::Failed`]: crate::error::CacheError::Failed
            /// [`CacheError::Reentrant`]: crate::error::CacheError::Reentrant
            /// [`CacheError::InsideUpdate`]: crate::error::CacheError::InsideUpdate
            ///
            /// # Panics
            ///
            /// If `compute` panics.
            ///
            /// ```
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// use sprag::error::CacheError;
            ///
            #[doc = concat!("let failed = cache.try_get_or_compute(", $call, "|| Err(\"no drive answers\"));")]
            /// assert!(matches!(failed, Err(CacheError::Failed { .. })));
            ///
            /// let size = || "700".parse::<u64>();
            #[doc = concat!("let found = cache.try_get_or_compute(", $call, "size); // computes again")]
            /// assert_eq!(found.unwrap(), 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn try_get_or_compute<$($Q,)? E>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> Result<V, E>,
            ) -> Result<V, $crate::error::CacheError>
            where
                $($($key_bounds)*)?
                E: Into<$crate::error::BoxError>,
            {
                use $crate::cache::compute::{Computed, OnLeaderError, block_on, ready};

                match self.fresh($($key)?) {
                    Some(value) => Ok(value),
                    None => {
                        let compute = || ready(compute().map(Computed::from).map_err(E::into));
                        block_on(self.lead($($key,)? OnLeaderError::Share, compute))
                    }
                }
            }

            /// As [`get_or_compute`](Self::get_or_compute), without blocking.
            ///
            /// When the returned future is dropped while it computes, a waiting caller takes over.
            /// Callers that block and callers that await share one computation.
            ///
            /// # Panics
            ///
            /// As [`get_or_compute`](Self::get_or_compute), when polled.
            ///
            /// ```
            /// # pollster::block_on(async {
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            #[doc = concat!("let size = cache.get_or_compute_async(", $call, "|| async { 700 }).await;")]
            /// assert_eq!(size, 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// # }).unwrap();
            /// ```
            pub async fn get_or_compute_async<$($Q,)? Fut>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> Fut,
            ) -> V
            where
                $($($key_bounds)*)?
                Fut: Future<Output = V>,
            {
                use $crate::cache::compute::{Computed, OnLeaderError, map_ok, unwrap_or_panic};

                match self.fresh($($key)?) {
                    Some(value) => value,
                    None => {
                        let compute = || map_ok(compute(), Computed::from);
                        unwrap_or_panic(self.lead($($key,)? OnLeaderError::Recompute, compute).await)
                    }
                }
            }

            /// As [`try_get_or_compute`](Self::try_get_or_compute), without blocking.
            ///
            /// # Errors
            ///
            /// As [`try_get_or_compute`](Self::try_get_or_compute).
            ///
            /// # Panics
            ///
            /// If `compute` panics, when polled.
            ///
            /// ```
            /// # pollster::block_on(async {
            /// # use sprag::prelude::*;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// let size = async || "700".parse::<u64>();
            #[doc = concat!("let size = cache.try_get_or_compute_async(", $call, "size).await;")]
            /// assert_eq!(size.unwrap(), 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// # }).unwrap();
            /// ```
            pub async fn try_get_or_compute_async<$($Q,)? Fut, E>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> Fut,
            ) -> Result<V, $crate::error::CacheError>
            where
                $($($key_bounds)*)?
                Fut: Future<Output = Result<V, E>>,
                E: Into<$crate::error::BoxError>,
            {
                use $crate::cache::compute::{Computed, OnLeaderError, map_err};

                match self.fresh($($key)?) {
                    Some(value) => Ok(value),
                    None => {
                        let compute = || map_err(compute(), Computed::from);
                        self.lead($($key,)? OnLeaderError::Share, compute).await
                    }
                }
            }

            /// As [`get_or_compute`](Self::get_or_compute), for a `compute` that returns the value
            /// and its time to live, as an HTTP response with a `max-age` does.
            ///
            /// Zero means no expiry.
            ///
            /// # Panics
            ///
            /// As [`get_or_compute`](Self::get_or_compute).
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # use sprag::cache::ManualClock;
            /// # let clock = ManualClock::new();
            #[doc = concat!("# let cache = ", $create, ".clock(clock.clone()).build()?;")]
            /// use std::time::Duration;
            ///
            /// let measure = || (700, Duration::from_secs(60));
            #[doc = concat!("cache.get_or_compute_with_ttl(", $call, "measure);")]
            /// clock.advance(Duration::from_secs(60));
            #[doc = concat!("let again = cache.get_or_compute(", $call, "|| 800); // the value has expired")]
            /// assert_eq!(again, 800);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            #[track_caller]
            pub fn get_or_compute_with_ttl<$($Q)?>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> (V, std::time::Duration),
            ) -> V
            where
                $($($key_bounds)*)?
            {
                use $crate::cache::compute::{Computed, OnLeaderError, block_on, ready, unwrap_or_panic};

                match self.fresh($($key)?) {
                    Some(value) => value,
                    None => {
                        let compute = || ready(Ok(Computed::with_ttl(compute())));
                        unwrap_or_panic(block_on(self.lead($($key,)? OnLeaderError::Recompute, compute)))
                    }
                }
            }

            /// As [`try_get_or_compute`](Self::try_get_or_compute), for a `compute` that returns
            /// the value and its time to live.
            ///
            /// Zero means no expiry.
            ///
            /// # Errors
            ///
            /// As [`try_get_or_compute`](Self::try_get_or_compute).
            ///
            /// # Panics
            ///
            /// If `compute` panics.
            ///
            /// ```
            /// # use sprag::prelude::*;
            /// # use std::time::Duration;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// let measure = || "700".parse::<u64>().map(|size| (size, Duration::from_secs(60)));
            #[doc = concat!("let size = cache.try_get_or_compute_with_ttl(", $call, "measure);")]
            /// assert_eq!(size.unwrap(), 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// ```
            pub fn try_get_or_compute_with_ttl<$($Q,)? E>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> Result<(V, std::time::Duration), E>,
            ) -> Result<V, $crate::error::CacheError>
            where
                $($($key_bounds)*)?
                E: Into<$crate::error::BoxError>,
            {
                use $crate::cache::compute::{Computed, OnLeaderError, block_on, ready};

                match self.fresh($($key)?) {
                    Some(value) => Ok(value),
                    None => {
                        let compute = || ready(compute().map(Computed::with_ttl).map_err(E::into));
                        block_on(self.lead($($key,)? OnLeaderError::Share, compute))
                    }
                }
            }

            /// As [`get_or_compute_with_ttl`](Self::get_or_compute_with_ttl), without blocking.
            ///
            /// # Panics
            ///
            /// As [`get_or_compute`](Self::get_or_compute), when polled.
            ///
            /// ```
            /// # pollster::block_on(async {
            /// # use sprag::prelude::*;
            /// # use std::time::Duration;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// let measure = async || (700, Duration::from_secs(60));
            #[doc = concat!("let size = cache.get_or_compute_with_ttl_async(", $call, "measure).await;")]
            /// assert_eq!(size, 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// # }).unwrap();
            /// ```
            pub async fn get_or_compute_with_ttl_async<$($Q,)? Fut>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> Fut,
            ) -> V
            where
                $($($key_bounds)*)?
                Fut: Future<Output = (V, std::time::Duration)>,
            {
                use $crate::cache::compute::{Computed, OnLeaderError, map_ok, unwrap_or_panic};

                match self.fresh($($key)?) {
                    Some(value) => value,
                    None => {
                        let compute = || map_ok(compute(), Computed::with_ttl);
                        unwrap_or_panic(self.lead($($key,)? OnLeaderError::Recompute, compute).await)
                    }
                }
            }

            /// As [`try_get_or_compute_with_ttl`](Self::try_get_or_compute_with_ttl), without
            /// blocking.
            ///
            /// # Errors
            ///
            /// As [`try_get_or_compute`](Self::try_get_or_compute).
            ///
            /// # Panics
            ///
            /// If `compute` panics, when polled.
            ///
            /// ```
            /// # pollster::block_on(async {
            /// # use sprag::prelude::*;
            /// # use std::time::Duration;
            #[doc = concat!("# let cache = ", $create, ".build()?;")]
            /// let measure = async || "700".parse::<u64>().map(|size| (size, Duration::from_secs(60)));
            #[doc = concat!("let size = cache.try_get_or_compute_with_ttl_async(", $call, "measure).await;")]
            /// assert_eq!(size.unwrap(), 700);
            /// # Ok::<(), sprag::error::CacheBuildError>(())
            /// # }).unwrap();
            /// ```
            pub async fn try_get_or_compute_with_ttl_async<$($Q,)? Fut, E>(
                &self,
                $($key: &$Q,)?
                compute: impl FnOnce() -> Fut,
            ) -> Result<V, $crate::error::CacheError>
            where
                $($($key_bounds)*)?
                Fut: Future<Output = Result<(V, std::time::Duration), E>>,
                E: Into<$crate::error::BoxError>,
            {
                use $crate::cache::compute::{Computed, OnLeaderError, map_err};

                match self.fresh($($key)?) {
                    Some(value) => Ok(value),
                    None => {
                        let compute = || map_err(compute(), Computed::with_ttl);
                        self.lead($($key,)? OnLeaderError::Share, compute).await
                    }
                }
            }
        }
    };
}

pub(super) use computing;
