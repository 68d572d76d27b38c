//! [`LibraryService`]: the media of the folder, scanned again when a mount changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sprag::{Error, Result, prelude::*};
use tokio::sync::Notify;
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use crate::options::Options;
use crate::scan::{Library, scan};
use crate::shown::shown;
use crate::storage::StorageService;
use crate::terminal::Terminal;

pub(crate) struct LibraryService {
    categories: Cache<Arc<Library>>,
    storage: Handle<StorageService>,
    options: Config<Options>,
    terminal: Config<Terminal>,
}

#[service(own(categories))]
impl LibraryService {
    fn new(
        storage: Handle<StorageService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
        bus: Bus,
    ) -> Result<Self> {
        let categories = create_cache("categories")
            .bus(&bus)
            // A new file emits no event, so the library expires.
            .ttl(Duration::from_secs(300))
            .depends_on_cache(storage.get()?.cache())
            .build()?;
        Ok(Self { categories, storage, options, terminal })
    }

    /// Scans at the start and after each invalidation, so that a command seldom waits for
    /// a scan.
    #[task]
    async fn keep_ready(&self, scope: &Scope) {
        let invalidated = Arc::new(Notify::new());
        let notify = Arc::clone(&invalidated);
        scope.own(self.categories.on_invalidate(move |event| {
            info!("`{}` invalidated", event.name);
            notify.notify_one();
        }));
        while let Some(library) = scope.until_cancelled(self.library()).await {
            if let Err(error) = library {
                warn!("the scan failed: {error:#}");
            }
            if scope.until_cancelled(invalidated.notified()).await.is_none() {
                break;
            }
        }
    }

    #[health]
    fn health(&self) -> Health {
        match self.categories.read(|library| library.unreadable) {
            Some(unreadable @ 1..) => Health::degraded(format!("{unreadable} not readable")),
            _ => Health::Healthy,
        }
    }

    /// The media of the folder; waits for a scan that runs, and scans when none runs.
    pub(crate) async fn library(&self) -> Result<Arc<Library>> {
        Ok(self.categories.try_get_or_compute_async(|| self.scan()).await?)
    }

    /// The media of the folder; `None` before a scan has ended.
    pub(crate) fn ready(&self) -> Option<Arc<Library>> {
        self.categories.get()
    }

    pub(crate) fn cache(&self) -> &Cache<Arc<Library>> {
        &self.categories
    }

    /// Scans on a thread for blocking work. A drop of the future, as at the stop, ends the
    /// scan at the next file.
    async fn scan(&self) -> Result<Arc<Library>> {
        let drives = self.storage.get()?.drives().await?;
        let bar = self.terminal.bar();
        let (options, walk) = (self.options.clone(), Walk::default());
        let stop = Arc::clone(&walk.stop);
        let library = spawn_blocking(move || {
            let library = scan(&options.folder, &drives, &stop, &bar);
            bar.finish_and_clear();
            library
        });
        // The drop of `walk` alone stops a scan, so this future never returns the error.
        let library = library.await?.ok_or_else(|| Error::msg("the scan was stopped"))?;
        self.log(&library);
        Ok(Arc::new(library))
    }

    fn log(&self, library: &Library) {
        let (files, folder) = (library.files().count(), shown(&self.options.folder));
        info!("`categories` recomputed: {files} media files in {folder}");
        let Library { links, unreadable, .. } = library;
        if links + unreadable > 0 {
            warn!("links skipped: {links}, not readable: {unreadable}");
        }
    }
}

/// Stops a scan when dropped.
#[derive(Default)]
struct Walk {
    stop: Arc<AtomicBool>,
}

impl Drop for Walk {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
