//! [`Shelf`] and [`House`]: the library, the drives and the services in the form for
//! browsers.

use serde::{Deserialize, Serialize};
use sprag::prelude::*;

use crate::mounts::Drive;
use crate::scan::{Library, MediaFile};
use crate::shown::{printable, shown};

/// The media of the folder.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Shelf {
    pub(crate) folder: String,
    pub(crate) scanning: bool,
    /// Sorted by category, then by path.
    pub(crate) files: Vec<Track>,
    /// The number of folders and files that could not be read.
    pub(crate) unreadable: u64,
    /// How many scans were requested: a browser adds 1.
    #[model(browser = "write")]
    pub(crate) asked: u64,
}

/// A file of the library.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Track {
    /// The path relative to the folder, as text.
    pub(crate) url: String,
    /// `audio`, `image` or `video`.
    pub(crate) kind: String,
    pub(crate) bytes: u64,
}

/// The machine: its drives, and the services of the hub.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct House {
    pub(crate) drives: Vec<Disk>,
    pub(crate) services: Vec<ServiceState>,
}

/// A drive and its space, in bytes.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Disk {
    pub(crate) path: String,
    pub(crate) file_system: String,
    pub(crate) total: u64,
    pub(crate) available: u64,
}

/// A service of the hub and its health.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ServiceState {
    pub(crate) name: String,
    /// Why the service is not healthy.
    pub(crate) trouble: Option<String>,
}

/// The files of a library, in the order of their numbers.
pub(crate) fn tracks(library: &Library) -> Vec<Track> {
    let track = |kind: &str, file: &MediaFile| Track {
        url: shown(&file.path),
        kind: kind.to_owned(),
        bytes: file.bytes,
    };
    let kinds = library.media.iter();
    kinds.flat_map(|(kind, found)| found.files.iter().map(|file| track(kind, file))).collect()
}

impl From<&Drive> for Disk {
    fn from(Drive { mount, total, available }: &Drive) -> Self {
        Self {
            path: shown(&mount.path),
            file_system: printable(&mount.file_system),
            total: *total,
            available: *available,
        }
    }
}
