//! The mounts of this machine as plain data. `mounts` and `drives` query the operating
//! system and block.

use std::path::{Path, PathBuf};

use serde::Serialize;
use sysinfo::{Disk, DiskRefreshKind, Disks, Error};

use crate::shown::as_text;

/// A file system and the path of its mount.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Mount {
    #[serde(serialize_with = "as_text")]
    pub(crate) path: PathBuf,
    pub(crate) device: String,
    pub(crate) file_system: String,
}

/// A mount and its space, in bytes.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Drive {
    #[serde(flatten)]
    pub(crate) mount: Mount,
    pub(crate) total: u64,
    pub(crate) available: u64,
}

/// The present mounts, sorted. A query for their space would cost more.
///
/// The list has neither network drives nor the kernel's own file systems.
pub(crate) fn mounts() -> Result<Vec<Mount>, Error> {
    let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing())?;
    let mut mounts: Vec<Mount> = disks.iter().map(mount).collect();
    mounts.sort();
    mounts.dedup();
    Ok(mounts)
}

/// The present drives, sorted by the path of their mount.
pub(crate) fn drives() -> Result<Vec<Drive>, Error> {
    let disks =
        Disks::new_with_refreshed_list_specifics(DiskRefreshKind::nothing().with_storage())?;
    let drive = |disk: &Disk| Drive {
        mount: mount(disk),
        total: disk.total_space(),
        available: disk.available_space(),
    };
    let mut drives: Vec<Drive> = disks.iter().map(drive).collect();
    drives.sort_by(|a, b| a.mount.cmp(&b.mount));
    drives.dedup_by(|a, b| a.mount == b.mount);
    Ok(drives)
}

fn mount(disk: &Disk) -> Mount {
    Mount {
        path: disk.mount_point().to_owned(),
        device: disk.name().to_string_lossy().into_owned(),
        file_system: disk.file_system().to_string_lossy().into_owned(),
    }
}

/// The drive that holds `path`: the innermost mount above `path`.
pub(crate) fn drive_of<'a>(path: &Path, drives: &'a [Drive]) -> Option<&'a Drive> {
    let above = drives.iter().filter(|drive| path.starts_with(&drive.mount.path));
    above.max_by_key(|drive| drive.mount.path.as_os_str().len())
}
