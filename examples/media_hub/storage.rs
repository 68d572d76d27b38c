//! [`StorageService`]: the drives of this machine, and an event when a mount changes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sprag::{Result, prelude::*};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use tracing::info;

use crate::mounts::{self, Drive, Mount};

/// Emitted after a mount or an unmount.
#[derive(Event, Clone, Debug)]
#[event("storage:mount_changed")]
pub(crate) struct MountChanged {
    pub(crate) mounted: Vec<PathBuf>,
    pub(crate) unmounted: Vec<PathBuf>,
}

/// Makes `StorageService` look at the mounts now.
#[derive(Event, Clone, Debug)]
#[event("storage:look_again")]
pub(crate) struct LookAgain;

pub(crate) struct StorageService {
    /// The mounts at the last look.
    mounts: Store<Vec<Mount>>,
    drives: Cache<Arc<Vec<Drive>>>,
    /// Locked during a look, so that two looks at a time do not emit one change twice.
    looking: Mutex<()>,
    bus: Bus,
}

#[service(own(mounts, drives))]
impl StorageService {
    async fn new(bus: Bus) -> Result<Self> {
        let mounts = create_store("mounts", spawn_blocking(mounts::mounts).await??);
        let drives = create_cache("drives")
            .bus(&bus)
            .ttl(Duration::from_secs(300))
            .depends_on::<MountChanged>()
            .build()?;
        Ok(Self { mounts, drives, looking: Mutex::new(()), bus })
    }

    fn on_start(&self, scope: &Scope) {
        info!("{} file systems are mounted", self.mounts.get().len());
        scope.own(self.drives.on_invalidate(|event| info!("`{}` invalidated", event.name)));
    }

    #[interval("2s")]
    async fn look(&self) -> Result<()> {
        let _looking = self.looking.lock().await;
        let (before, now) = (self.mounts.get(), spawn_blocking(mounts::mounts).await??);
        if *before != now {
            let (mounted, unmounted) = (paths_only_in(&now, &before), paths_only_in(&before, &now));
            info!("mounts changed: {} new, {} removed", mounted.len(), unmounted.len());
            // First the state, then the event: a listener reads the new mounts.
            self.mounts.replace(now);
            self.bus.emit(MountChanged { mounted, unmounted });
        }
        Ok(())
    }

    #[listen]
    async fn look_again(&self, _: &LookAgain) -> Result<()> {
        self.look().await
    }

    /// The drives and their space, at most 300 s old and never older than the last change
    /// of a mount.
    pub(crate) async fn drives(&self) -> Result<Arc<Vec<Drive>>> {
        let drives = self.drives.try_get_or_compute_async(|| async {
            let drives = spawn_blocking(mounts::drives).await??;
            info!("`drives` recomputed: {} drives", drives.len());
            Ok::<_, sprag::Error>(Arc::new(drives))
        });
        Ok(drives.await?)
    }

    pub(crate) fn cache(&self) -> &Cache<Arc<Vec<Drive>>> {
        &self.drives
    }
}

/// The paths of the mounts in `these` that are not in `those`.
fn paths_only_in(these: &[Mount], those: &[Mount]) -> Vec<PathBuf> {
    let only = these.iter().filter(|mount| !those.contains(mount));
    only.map(|mount| mount.path.clone()).collect()
}
