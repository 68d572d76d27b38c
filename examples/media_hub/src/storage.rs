//! [`StorageService`]: the drives of this machine, and an event when a mount changes.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::{Result, prelude::*};
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

/// Requests that `StorageService` reads the mounts now.
#[derive(Event, Clone, Debug)]
#[event("storage:look_again")]
pub(crate) struct LookAgain;

pub(crate) struct StorageService {
    /// The mounts at the last reading.
    mounts: Store<Vec<Mount>>,
    drives: Cache<Arc<Vec<Drive>>>,
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
        Ok(Self { mounts, drives, bus })
    }

    /// Emits the event after the state has changed: a listener reads the new mounts.
    fn on_start(&self, scope: &Scope) {
        let (bus, before) = (self.bus.clone(), Mutex::new(self.mounts.get()));
        scope.own(self.mounts.subscribe(move |now, _| {
            let before = std::mem::replace(&mut *before.lock().unwrap(), Arc::clone(now));
            let (mounted, unmounted) = (paths_only_in(now, &before), paths_only_in(&before, now));
            info!("mounts changed: {} new, {} removed", mounted.len(), unmounted.len());
            bus.emit(MountChanged { mounted, unmounted });
        }));
        info!("{} file systems are mounted", self.mounts.get().len());
        scope.own(self.drives.on_invalidate(|event| info!("`{}` invalidated", event.name)));
    }

    /// Runs on a thread that may block.
    #[watch(poll = "2s", into = mounts)]
    fn look(&self) -> Result<Vec<Mount>, sysinfo::Error> {
        mounts::mounts()
    }

    #[listen]
    async fn look_again(&self, _: &LookAgain) -> Result<()> {
        let now = spawn_blocking(mounts::mounts).await??;
        if *self.mounts.get() != now {
            self.mounts.replace(now);
        }
        Ok(())
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
