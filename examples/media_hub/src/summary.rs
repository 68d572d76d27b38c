//! The state of the hub at one moment, as text and as JSON.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use indicatif::HumanBytes;
use serde::Serialize;
use sprag::{Result, cache::CacheStats};

use crate::library::LibraryService;
use crate::mounts::Drive;
use crate::player::PlayerService;
use crate::scan::{Category, Library};
use crate::shown::shown;
use crate::storage::StorageService;
use crate::tv::{Playback, Tv};

/// The drives, the library, the playback and the caches at one moment.
#[derive(Serialize)]
pub(crate) struct Summary {
    mounts: Arc<Vec<Drive>>,
    /// `media` by category, `links` and `unreadable`.
    #[serde(flatten)]
    library: Arc<Library>,
    tv: Arc<Tv>,
    caches: BTreeMap<&'static str, Counts>,
}

/// The counters of a cache.
#[derive(Serialize)]
pub(crate) struct Counts {
    hits: u64,
    computations: u64,
    invalidations: u64,
}

impl Summary {
    /// Collects the parts, and scans before the first library.
    pub(crate) async fn collect(
        storage: &StorageService,
        library: &LibraryService,
        player: &PlayerService,
    ) -> Result<Self> {
        let (found, mounts) = (library.library().await?, storage.drives().await?);
        let tv = player.tv().snapshot();
        Ok(Self { mounts, library: found, tv, caches: caches(storage, library) })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Drive { mount, total, available } in &*self.mounts {
            let (path, available) = (shown(&mount.path), HumanBytes(*available));
            writeln!(
                f,
                "{path}: {}, {available} of {} free",
                mount.file_system,
                HumanBytes(*total)
            )?;
        }
        write!(f, "{}", media(&self.library))
    }
}

pub(crate) fn caches(
    storage: &StorageService,
    library: &LibraryService,
) -> BTreeMap<&'static str, Counts> {
    [("drives", storage.cache().stats()), ("categories", library.cache().stats())]
        .into_iter()
        .map(|(name, stats)| (name, Counts::from(stats)))
        .collect()
}

impl From<CacheStats> for Counts {
    fn from(stats: CacheStats) -> Self {
        let CacheStats { hits, computations, invalidations, .. } = stats;
        Self { hits, computations, invalidations }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hits, computations, invalidations } = self;
        write!(f, "hits {hits}, computed {computations}, invalidated {invalidations}")
    }
}

/// The library in one line.
pub(crate) fn media(library: &Library) -> String {
    let category = |(name, category): (&&str, &Category)| {
        format!("{} {name} ({})", category.count, HumanBytes(category.bytes))
    };
    let found: Vec<String> = library.media.iter().map(category).collect();
    let found = if found.is_empty() { "no media".to_owned() } else { found.join(", ") };
    let Library { links, unreadable, .. } = library;
    format!("{found}; links skipped: {links}, not readable: {unreadable}")
}

/// The playback in one line.
pub(crate) fn playback(playback: &Playback) -> String {
    let Playback { url, position, paused, .. } = playback;
    match url {
        None => "nothing is playing".to_owned(),
        Some(url) => {
            let what = if *paused { "paused" } else { "playing" };
            format!("{what} at {}:{:02}: {url}", position / 60, position % 60)
        }
    }
}
