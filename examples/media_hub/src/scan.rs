//! The walk through a folder for media. The walk blocks, uses no service, and ends early
//! when a flag is set.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;
use mime_guess::mime;
use serde::Serialize;
use tracing::debug;
use walkdir::{DirEntry, WalkDir};

use crate::mounts::{Drive, drive_of};
use crate::shown::{as_text, printable};

/// The media of a folder.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Library {
    /// The categories by the first half of their MIME type: `audio`, `image`, `video`.
    pub(crate) media: BTreeMap<&'static str, Category>,
    /// The number of links. The walk follows none of them: a link may lead out of the
    /// folder or in a circle.
    pub(crate) links: u64,
    /// The number of folders and files that could not be read.
    pub(crate) unreadable: u64,
}

/// The media of one kind.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Category {
    pub(crate) count: usize,
    pub(crate) bytes: u64,
    /// The mounts of the drives that hold the files.
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
    /// Every file with its number; the first number is 1.
    pub(crate) fn files(&self) -> impl Iterator<Item = (usize, &MediaFile)> {
        (1..).zip(self.media.values().flat_map(|category| &category.files))
    }
}

/// Walks `root`; `None` when `stop` was set before the end.
pub(crate) fn scan(
    root: &Path,
    drives: &[Drive],
    stop: &AtomicBool,
    bar: &ProgressBar,
) -> Option<Library> {
    let mut library = Library::default();
    // The bar counts the topmost entries: their number is cheap to find before the walk.
    bar.set_length(std::fs::read_dir(root).map_or(0, |entries| entries.count() as u64));
    for (seen, entry) in WalkDir::new(root).min_depth(1).into_iter().enumerate() {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        if seen % 512 == 0 {
            bar.set_message(format!("({seen} files and folders)"));
        }
        if entry.as_ref().is_ok_and(|entry| entry.depth() == 1) {
            bar.inc(1);
        }
        library.visit(root, entry, drives);
    }
    library.sort();
    Some(library)
}

impl Library {
    fn visit(&mut self, root: &Path, entry: walkdir::Result<DirEntry>, drives: &[Drive]) {
        let added = entry.and_then(|entry| self.add(root, &entry, drives));
        if let Err(error) = added {
            debug!("skipped: {}", printable(&error.to_string()));
            self.unreadable += 1;
        }
    }

    /// Adds the entry if it is a media file.
    fn add(&mut self, root: &Path, entry: &DirEntry, drives: &[Drive]) -> walkdir::Result<()> {
        self.links += u64::from(entry.path_is_symlink());
        let kind = mime_guess::from_path(entry.path()).first();
        let Some((name, kind)) = kind.and_then(|kind| Some((category(&kind)?, kind))) else {
            return Ok(());
        };
        if entry.file_type().is_file() {
            let bytes = entry.metadata()?.len();
            let path = entry.path().strip_prefix(root).unwrap_or(entry.path()).to_owned();
            let drive = drive_of(entry.path(), drives);
            let file = MediaFile { path, mime: kind.to_string(), bytes };
            self.media.entry(name).or_default().push(file, drive);
        }
        Ok(())
    }

    fn sort(&mut self) {
        for category in self.media.values_mut() {
            category.files.sort_by(|a, b| a.path.cmp(&b.path));
        }
    }
}

impl Category {
    fn push(&mut self, file: MediaFile, drive: Option<&Drive>) {
        self.count += 1;
        self.bytes += file.bytes;
        self.files.push(file);
        let Some(drive) = drive else { return };
        let at = drive.mount.path.to_string_lossy();
        if !self.drives.contains(&*at) {
            self.drives.insert(at.into_owned());
        }
    }
}

/// The name of the category; `None` when the type is not a medium.
fn category(kind: &mime::Mime) -> Option<&'static str> {
    ["audio", "image", "video"].into_iter().find(|name| kind.type_() == *name)
}
