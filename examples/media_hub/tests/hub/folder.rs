//! Folders of media with known contents.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Makes a folder with two films, a song, a picture, and files that are not media.
pub(crate) fn folder() -> TempDir {
    let folder = TempDir::new().expect("there is room for a folder");
    for (path, bytes) in [
        ("film/one.mkv", 5),
        ("film/two.mp4", 7),
        ("music/song.mp3", 3),
        ("picture.jpg", 2),
        ("notes.txt", 11),
        ("no_extension", 13),
    ] {
        write(&folder.path().join(path), bytes);
    }
    // A folder is not a medium, although this name ends like that of a film.
    fs::create_dir(folder.path().join("folder.mp4")).expect("it can be made");
    folder
}

fn write(path: &Path, bytes: usize) {
    fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("it can be made");
    fs::write(path, vec![0; bytes]).expect("it can be written");
}

/// The folder as the hub prints it.
pub(crate) fn shown(folder: &TempDir) -> PathBuf {
    folder.path().canonicalize().expect("it is there")
}

/// Adds five songs with names that are hard to print and to write as JSON.
#[cfg(target_os = "linux")]
pub(crate) fn add_odd_names(folder: &Path) {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let turned = "u\u{308}ber\u{202e}3pm.mp3".as_bytes();
    let marked = "\u{feff}marked\u{2028}line.mp3".as_bytes();
    let bytes = [&b"not utf-8 \xff.mp3"[..], b"two\nlines.mp3", b"\x1b[2Jclears.mp3"];
    for name in bytes.into_iter().chain([turned, marked]) {
        write(&folder.join(OsStr::from_bytes(name)), 1);
    }
}

/// Adds a link to a folder above and a broken link; returns the number of links.
#[cfg(target_os = "linux")]
pub(crate) fn add_links(folder: &Path) -> u64 {
    use std::os::unix::fs::symlink;
    symlink(folder, folder.join("film/loop")).expect("it can be linked");
    symlink("nowhere.mp3", folder.join("broken.mp3")).expect("it can be linked");
    2
}

/// Folders that cannot be read. The drop makes the folders readable, so that they can be
/// removed.
#[cfg(target_os = "linux")]
pub(crate) struct Unreadable {
    pub(crate) count: u64,
    forbidden: PathBuf,
}

#[cfg(target_os = "linux")]
impl Drop for Unreadable {
    fn drop(&mut self) {
        use std::os::unix::fs::PermissionsExt;
        let allowed = fs::set_permissions(&self.forbidden, fs::Permissions::from_mode(0o700));
        assert!(allowed.is_ok() || std::thread::panicking());
    }
}

/// Adds two folders that cannot be read.
///
/// The path of the first folder is longer than the system allows, for root too: the
/// function makes two deep folders and moves one into the other. The permissions of the
/// second folder forbid reading to every user but root.
#[cfg(target_os = "linux")]
pub(crate) fn add_unreadable(folder: &Path) -> Unreadable {
    use std::os::unix::fs::PermissionsExt;
    let deep = |first: &str| {
        let path = (0..12).fold(folder.join(first), |path, _| path.join("d".repeat(200)));
        fs::create_dir_all(&path).expect("it can be made");
        path
    };
    let outer = deep("outer");
    deep("inner");
    fs::rename(folder.join("inner"), outer.join("inner")).expect("it can be moved");

    let forbidden = folder.join("forbidden");
    fs::create_dir(&forbidden).expect("it can be made");
    fs::set_permissions(&forbidden, fs::Permissions::from_mode(0o000)).expect("it is ours");
    Unreadable { count: 1 + u64::from(fs::read_dir(&forbidden).is_err()), forbidden }
}
