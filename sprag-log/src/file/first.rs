//! [`create`]: a new file of a folder, which is whole or not there, also after a loss of power.
//!
//! The file has another name until its content is synced. This module does not know the content.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use redb::StorageBackend;
use redb::backends::FileBackend;

use super::error::{FileError, of_opening};
use super::held::HeldStorage;

/// The name of the file until it is whole.
const UNFINISHED: &str = "sprag.redb.new";

/// Creates the file `name` with the content that `make` writes, and syncs it. `make` takes the
/// lock of the file. `None` if another process was first, and the file is there.
///
/// A process that ended in here has left a part of a file, which is overwritten.
pub(super) fn create<U>(
    folder: &Path,
    name: &str,
    make: impl FnOnce(&HeldStorage<FileBackend>) -> Result<U, FileError>,
) -> Result<Option<U>, FileError> {
    let io = |source| FileError::Io { folder: folder.to_owned(), source };
    let (file, unfinished) = (folder.join(name), folder.join(UNFINISHED));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let opened = options.open(&unfinished).map_err(io)?;
    let synced = opened.try_clone().map_err(io)?;
    let storage = FileBackend::new(opened).map_err(|error| of_opening(folder.to_owned(), error))?;
    let held = HeldStorage::new(storage);
    held.set_len(0).map_err(io)?;
    let made = make(&held)?;
    // This process has the lock now, and nothing is written yet: `unfinished` may be another
    // process's file that has its name since.
    if is_there(&file).map_err(io)? {
        // The other process may have removed it.
        let _ = fs::remove_file(&unfinished);
        return Ok(None);
    }
    held.release().map_err(io)?;
    synced.sync_all().map_err(io)?;
    fs::rename(&unfinished, &file).map_err(io)?;
    sync_folder(folder).map_err(io)?;
    Ok(Some(made))
}

/// Whether there is a file of this name, or a link that may lead nowhere.
pub(super) fn is_there(file: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(file) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// The name of something in `folder` besides the file `name` and the one that [`create`] makes.
pub(super) fn other_than(folder: &Path, name: &str) -> io::Result<Option<OsString>> {
    for entry in fs::read_dir(folder)? {
        let found = entry?.file_name();
        if found != name && found != UNFINISHED {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Creates `folder` and the missing folders above it, and syncs their names.
pub(super) fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let above = folder.parent().unwrap_or(Path::new(""));
    create_folder(above)?;
    match fs::create_dir(folder) {
        // Another process may have created it.
        Err(error) if !folder.is_dir() => Err(error),
        _ => sync_folder(above),
    }
}

/// Syncs the names in `folder`.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    match fs::File::open(folder)?.sync_all() {
        // Some file systems cannot sync a folder alone.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// The system does not open a folder as a file.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l7_a_first_opening_leaves_the_file_of_another_process_that_was_first() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("log");
        // The other process ends its opening between the look at the folder and the lock.
        let made = create(folder.path(), "log", |_| {
            fs::write(&file, "of another process").expect("there is room");
            Ok(())
        });
        assert!(made.expect("it is not an error").is_none());
        assert_eq!(fs::read_to_string(&file).expect("it is there"), "of another process");
        assert_eq!(fs::read_dir(folder.path()).expect("it is there").count(), 1);
    }

    #[test]
    fn l7_a_file_that_is_not_whole_does_not_get_the_name() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let refused = || FileError::InUse { folder: folder.path().to_owned() };
        let made = create(folder.path(), "log", |storage| {
            storage.write(0, b"a part").expect("there is room");
            Err::<(), _>(refused())
        });
        assert!(matches!(made, Err(FileError::InUse { .. })), "{made:?}");
        assert!(!is_there(&folder.path().join("log")).expect("it is readable"));
        let made = create(folder.path(), "log", |storage| {
            storage.write(0, b"whole").expect("there is room");
            Ok(())
        });
        assert!(made.expect("it is overwritten").is_some());
        assert_eq!(fs::read(folder.path().join("log")).expect("it is there"), b"whole");
    }

    #[test]
    fn l7_a_folder_is_created_with_those_above_it_and_not_below_a_file() {
        let above = tempfile::tempdir().expect("a folder can be made");
        let folder = above.path().join("a").join("b");
        for _ in 0..2 {
            create_folder(&folder).expect("there is room");
            assert!(folder.is_dir());
        }
        let file = folder.join("file");
        fs::write(&file, "").expect("there is room");
        for below in [file.clone(), file.join("c")] {
            create_folder(&below).expect_err("a file is there");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn l7_a_folder_that_cannot_be_synced_alone_is_not_an_error_and_a_missing_one_is() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for folder in [Path::new(""), folder.path(), Path::new("/dev/null")] {
            sync_folder(folder).expect("the system syncs what it can");
        }
        sync_folder(&folder.path().join("missing")).expect_err("nothing is there");
    }

    #[test]
    fn l7_a_name_that_cannot_be_looked_up_is_an_error_and_not_a_new_log() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("file");
        assert!(!is_there(&file).expect("the folder is readable"));
        fs::write(&file, "").expect("there is room");
        assert!(is_there(&file).expect("the folder is readable"));
        is_there(&file.join("log")).expect_err("a file has no names");
    }

    #[test]
    fn l7_everything_but_the_file_and_its_unfinished_one_is_of_another_program() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let other = || other_than(folder.path(), "log").expect("the folder is readable");
        for name in ["log", UNFINISHED, "notes"] {
            assert_eq!(other(), None);
            fs::write(folder.path().join(name), "").expect("there is room");
        }
        assert_eq!(other(), Some("notes".into()));
    }
}
