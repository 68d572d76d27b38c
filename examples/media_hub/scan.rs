//! Scans a folder for media. The scan blocks, knows no service, and ends early once
//! its stop flag is set.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;
use mime_guess::mime;
use serde::Serialize;
use tracing::debug;
use walkdir::{DirEntry, WalkDir};

use crate::mounts::{Drive, drive_of};
use crate::shown::as_text;

/// The media of a folder.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Library {
    /// By the first half of the MIME type: `audio`, `image`, `video`.
    pub(crate) media: BTreeMap<&'static str, Category>,
    /// Links. The scan does not follow them: a link may lead anywhere, also in a circle.
    pub(crate) links: u64,
    /// Folders and files that could not be read.
    pub(crate) unreadable: u64,
}

/// The media of one kind.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Category {
    pub(crate) count: usize,
    pub(crate) bytes: u64,
    /// The mount points of the drives that hold the files.
    pub(crate) drives: BTreeSet<String>,
    /// Sorted by path.
    pub(crate) files: Vec<MediaFile>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct MediaFile {
    /// Relative to the folder.
    #[serde(serialize_with = "as_text")]
    pub(crate) path: PathBuf,
    pub(crate) mime: String,
    pub(crate) bytes: u64,
}

impl Library {
    /// Every file, in the order of the files' numbers.
    pub(crate) fn files(&self) -> impl Iterator<Item = (usize, &MediaFile)> {
        (1..).zip(self.media.values().flat_map(|category| &category.files))
    }
}

/// Walks `root`; `None` if `stop` was set before the end.
pub(crate) fn scan(
    root: &Path,
    drives: &[Drive],
    stop: &AtomicBool,
    bar: &ProgressBar,
) -> Option<Library> {
    let (mut library, mut entered) = (Library::default(), 0);
    // The bar counts the topmost entries only, since their number is cheap to get.
    bar.set_length(std::fs::read_dir(root).map_or(0, |entries| entries.count() as u64));
    for (seen, entry) in WalkDir::new(root).min_depth(1).into_iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        if seen % 512 == 0 {
            bar.set_message(format!("({seen} files and folders)"));
        }
        match entry {
            Ok(entry) => {
                if entry.depth() == 1 {
                    bar.set_position(entered);
                    entered += 1;
                }
                library.add(root, &entry, drives);
            }
            Err(error) => {
                debug!("passed over: {error}");
                library.unreadable += 1;
            }
        }
    }
    for category in library.media.values_mut() {
        category.files.sort_by(|a, b| a.path.cmp(&b.path));
    }
    Some(library)
}

impl Library {
    fn add(&mut self, root: &Path, entry: &DirEntry, drives: &[Drive]) {
        if entry.path_is_symlink() {
            self.links += 1;
        }
        let kind = mime_guess::from_path(entry.path()).first();
        let Some((name, kind)) = kind.and_then(|kind| Some((category(&kind)?, kind))) else {
            return;
        };
        if !entry.file_type().is_file() {
            return;
        }
        let Ok(bytes) = entry.metadata().map(|metadata| metadata.len()) else {
            self.unreadable += 1;
            return;
        };
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
        let category = self.media.entry(name).or_default();
        category.count += 1;
        category.bytes += bytes;
        if let Some(drive) = drive_of(entry.path(), drives) {
            let at = drive.mount.path.to_string_lossy();
            if !category.drives.contains(&*at) {
                category.drives.insert(at.into_owned());
            }
        }
        category.files.push(MediaFile { path, mime: kind.to_string(), bytes });
    }
}

/// The kinds that are media.
fn category(kind: &mime::Mime) -> Option<&'static str> {
    ["audio", "image", "video"].into_iter().find(|name| kind.type_() == *name)
}
