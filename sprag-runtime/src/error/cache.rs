//! What can go wrong with a cache.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::BusError;

/// Why a cache gives no value.
///
/// Cheap to clone: one failed computation answers all its callers.
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
        /// What the computation returned.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The computation waits for its own result, directly or through others.
    #[error("{}", reentrant(.chain))]
    Reentrant {
        /// The caches that wait for each other; the first and the last are the
        /// same.
        chain: Vec<Arc<str>>,
    },
}

impl CacheError {
    /// The computation's own error, if it is an `E`.
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
            Self::Reentrant { .. } => None,
        }
    }
}

fn reentrant(chain: &[Arc<str>]) -> String {
    let first = chain.first().map_or("", |name| name);
    format!(
        "computing `{first}` waits for itself: {}; let no computation ask for a cache that it is \
         computed for",
        chain.join(" -> ")
    )
}

/// Why a cache is not built.
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
    /// The name is what its events and errors are known by.
    #[error("a cache needs a name; write `create_cache(\"drives\")`")]
    EmptyName,
    /// Most likely a mistake of units.
    #[error("a `ttl` of {ttl:?} is over a hundred years; write `Duration::ZERO` for no expiry")]
    TtlTooLong {
        /// The time to live that was asked for.
        ttl: Duration,
    },
    /// A keyed cache holds at least one entry.
    #[error("`{name}` has room for no entry; give it a `capacity` of at least 1")]
    NoCapacity {
        /// The cache's name.
        name: String,
    },
    /// Another instance on the bus has the name.
    #[error(transparent)]
    Bus(#[from] BusError),
    /// An invalidation of this cache would come back to it.
    #[error("`depends_on` makes a cycle: {}; take one of them away", path.join(" -> "))]
    Cycle {
        /// The caches of the cycle; each depends on the next, and the last is the
        /// first again.
        path: Vec<String>,
    },
}
