//! [`LibraryService`]: the media of the folder, scanned again when a mount changes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sprag::{Error, Result, prelude::*, service::JobQueue};
use tokio::sync::Notify;
use tracing::{info, warn};

use crate::mounts::Drive;
use crate::options::Options;
use crate::scan::{Library, scan};
use crate::shelf::{Shelf, ShelfPatch, tracks};
use crate::shown::shown;
use crate::storage::StorageService;
use crate::terminal::Terminal;

pub(crate) struct LibraryService {
    categories: Cache<Arc<Library>>,
    /// The library in the form for the page.
    shelf: Model<Shelf>,
    storage: Handle<StorageService>,
    scans: JobQueue<Scan, Arc<Library>>,
    options: Config<Options>,
    terminal: Config<Terminal>,
    /// Ends a scan at the next file.
    stop: AtomicBool,
}

/// A job: one scan of the folder.
pub(crate) struct Scan {
    drives: Arc<Vec<Drive>>,
}

#[service(own(categories, shelf))]
impl LibraryService {
    fn new(
        storage: Handle<StorageService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
        bus: Bus,
        scope: &Scope,
    ) -> Result<Self> {
        let categories = create_cache("categories")
            .bus(&bus)
            // A new file emits no event, so the library expires.
            .ttl(Duration::from_secs(300))
            .depends_on_cache(storage.get()?.cache())
            .build()?;
        let folder = shown(&options.folder);
        let shelf = create_model("library", Shelf { folder, scanning: true, ..Shelf::default() });
        let (scans, stop) = (scope.queue::<Self, Scan>(), AtomicBool::new(false));
        Ok(Self { categories, shelf, storage, scans, options, terminal, stop })
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
            if let Err(error) = library
                && !self.stop.load(Ordering::Relaxed)
            {
                warn!("the scan failed: {error:#}");
            }
            if scope.until_cancelled(invalidated.notified()).await.is_none() {
                break;
            }
        }
    }

    /// Scans again when a browser requests a scan.
    fn on_start(&self, scope: &Scope) {
        let categories = self.categories.clone();
        scope.own(self.shelf.subscribe(Shelf::PATHS.asked, move |_, _| categories.invalidate()));
    }

    #[health]
    fn health(&self) -> Health {
        match self.categories.read(|library| library.unreadable) {
            Some(unreadable @ 1..) => Health::degraded(format!("{unreadable} not readable")),
            _ => Health::Healthy,
        }
    }

    /// The media of the folder. Waits for a running scan, or scans if none is running.
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

    pub(crate) fn shelf(&self) -> &Model<Shelf> {
        &self.shelf
    }

    async fn scan(&self) -> Result<Arc<Library>> {
        let drives = self.storage.get()?.drives().await?;
        Ok(self.scans.call(Scan { drives }).await?)
    }

    /// Scans on a thread that may block, one scan after the other.
    #[worker(1, queue = 4, on_stop = reject)]
    fn walk(&self, job: Scan) -> Result<Arc<Library>> {
        let bar = self.terminal.bar();
        self.shelf.set(Shelf::PATHS.scanning, true);
        let library = scan(&self.options.folder, &job.drives, &self.stop, &bar);
        bar.finish_and_clear();
        self.shelf.set(Shelf::PATHS.scanning, false);
        let library = library.ok_or_else(|| Error::msg("the scan was stopped"))?;
        let found = ShelfPatch::new().files(tracks(&library)).unreadable(library.unreadable);
        self.shelf.patch(found);
        self.log(&library);
        Ok(Arc::new(library))
    }

    fn on_stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
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
