//! The errors of caches.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::BusError;

/// Says why a cache returns no value.
///
/// Cheap to clone: all callers of a failed computation get the same error.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::error::CacheError;
/// # let drives = create_cache::<u32>("drives").build()?;
/// let failed = drives.try_get_or_compute(|| Err::<u32, _>("no drive answers")).unwrap_err();
/// let CacheError::Failed { cache, source } = failed else { panic!("{failed}") };
/// assert_eq!(format!("{cache}: {source}"), "drives: no drive answers");
/// # Ok::<(), sprag::error::CacheBuildError>(())
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The computation returned an error. Nothing was stored; the next caller
    /// computes again.
    #[error("computing `{cache}` failed")]
    Failed {
        /// The cache's name.
        cache: Arc<str>,
        /// The error that the computation returned.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The computation would wait for its own result, directly or through others.
    #[error("{}", reentrant(.chain))]
    Reentrant {
        /// The caches that wait for each other; the first and the last are the
        /// same.
        chain: Vec<Arc<str>>,
    },
    /// The call would wait for another caller's computation inside an `update`,
    /// `transaction` or the like of a cell, which that computation may need.
    #[error(
        "`{cache}` is being computed by another caller, and waiting for it inside an `update` \
         could wait forever; query the cache before the `update`"
    )]
    InsideUpdate {
        /// The cache's name.
        cache: Arc<str>,
    },
}

impl CacheError {
    /// Returns the computation's own error, if it is an `E`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # let drives = create_cache::<u32>("drives").build()?;
    /// let failed = drives.try_get_or_compute(|| "x".parse::<u32>()).unwrap_err();
    /// assert!(failed.failure::<std::num::ParseIntError>().is_some());
    /// # Ok::<(), sprag::error::CacheBuildError>(())
    /// ```
    pub fn failure<E: Error + 'static>(&self) -> Option<&E> {
        match self {
            Self::Failed { source, .. } => source.downcast_ref(),
            Self::Reentrant { .. } | Self::InsideUpdate { .. } => None,
        }
    }
}

fn reentrant(chain: &[Arc<str>]) -> String {
    let first = chain.first().map_or("", |name| name);
    format!(
        "computing `{first}` waits for itself: {}; a computation must not query a cache that it is \
         computed for",
        chain.join(" -> ")
    )
}

/// Says why a cache cannot be built.
///
/// ```
/// # use sprag::prelude::*;
/// # use sprag::error::CacheBuildError;
/// let unnamed = create_cache::<u32>("").build().unwrap_err();
/// assert_eq!(unnamed, CacheBuildError::EmptyName);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheBuildError {
    /// The name identifies the cache's events and errors.
    #[error("a cache needs a name; write `create_cache(\"drives\")`")]
    EmptyName,
    /// Most likely a mistake of units.
    #[error("a `ttl` of {ttl:?} is over a hundred years; write `Duration::ZERO` for no expiry")]
    TtlTooLong {
        /// The time to live that was given.
        ttl: Duration,
    },
    /// A share is from 0 to 1.
    #[error("a `jitter` of {jitter} is not a fraction; write a number from 0.0 to 1.0")]
    Jitter {
        /// The share that was given, as text.
        jitter: String,
    },
    /// A keyed cache holds at least one entry.
    #[error("`{name}` has no room for entries; give it a `capacity` of at least 1")]
    NoCapacity {
        /// The cache's name.
        name: String,
    },
    /// Another instance has the name on this bus.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// An invalidation of this cache would come back to it.
    #[error("`depends_on` makes a cycle: {}; remove one of these dependencies", path.join(" -> "))]
    Cycle {
        /// The caches of the cycle; each depends on the next, and the last is the
        /// first again.
        path: Vec<String>,
    },
}
