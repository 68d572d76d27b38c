//! [`FileError`]: why a folder cannot be opened.

use std::io;
use std::path::PathBuf;

use redb::{DatabaseError, StorageError};

use crate::error::{AppendError, ReadError};

/// Why a [`File`](crate::File) was not opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// Another process, or another part of this one, has the folder open.
    #[error("`{}` is open elsewhere; one process at a time can use a folder", .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder has files, but not a log that sprag wrote.
    #[error("`{}` is not a folder of sprag-log: {reason}; use an empty folder", .folder.display())]
    Foreign {
        /// The folder.
        folder: PathBuf,
        /// The content of the folder.
        reason: String,
    },
    /// The file of the log cannot be read.
    #[error("the log in `{}` is damaged: {reason}; restore the folder from a copy", .folder.display())]
    Damaged {
        /// The folder.
        folder: PathBuf,
        /// The engine's error.
        reason: String,
    },
    /// The file was written by another version of the engine.
    #[error("the log in `{}` has the engine's format {format}, which this version does not read", .folder.display())]
    Format {
        /// The folder.
        folder: PathBuf,
        /// The format's number.
        format: u8,
    },
    /// The folder or its file is inaccessible.
    #[error("`{}` cannot be opened", .folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
}

/// Converts the engine's error at the opening of `folder`.
pub(super) fn of_opening(folder: PathBuf, error: DatabaseError) -> FileError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => FileError::InUse { folder },
        DatabaseError::UpgradeRequired(format) => FileError::Format { folder, format },
        DatabaseError::Storage(StorageError::Io(error))
            if error.kind() == io::ErrorKind::InvalidData =>
        {
            FileError::Foreign { folder, reason: error.to_string() }
        }
        DatabaseError::Storage(StorageError::Io(source)) => FileError::Io { folder, source },
        error => FileError::Damaged { folder, reason: error.to_string() },
    }
}

/// Converts the error of the first reads and writes of an opening, such as those of a full disk.
pub(super) fn of_first_read(folder: PathBuf, error: redb::Error) -> FileError {
    match error {
        redb::Error::Io(source) => FileError::Io { folder, source },
        error => FileError::Damaged { folder, reason: error.to_string() },
    }
}

/// Converts the error of a read.
pub(super) fn of_read(error: &redb::Error) -> ReadError {
    match error {
        redb::Error::Corrupted(_) => ReadError::Damaged(error.to_string()),
        _ => ReadError::Unavailable(error.to_string()),
    }
}

/// Converts the error of a commit, after which the entry may be on the disk or not.
pub(super) fn of_append(error: &redb::Error) -> AppendError {
    AppendError::Unknown(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l7_each_error_of_the_engine_has_its_own_meaning() {
        let of_opening = |error| of_opening(PathBuf::from("folder"), error);
        let storage = |kind: io::ErrorKind| DatabaseError::Storage(StorageError::Io(kind.into()));
        let in_use = of_opening(DatabaseError::DatabaseAlreadyOpen);
        assert!(matches!(in_use, FileError::InUse { .. }), "{in_use}");
        let older = of_opening(DatabaseError::UpgradeRequired(1));
        assert!(matches!(older, FileError::Format { format: 1, .. }), "{older}");
        let foreign = of_opening(storage(io::ErrorKind::InvalidData));
        assert!(matches!(foreign, FileError::Foreign { .. }), "{foreign}");
        let denied = of_opening(storage(io::ErrorKind::PermissionDenied));
        assert!(matches!(denied, FileError::Io { .. }), "{denied}");
        let damaged = of_opening(DatabaseError::RepairAborted);
        assert!(matches!(damaged, FileError::Damaged { .. }), "{damaged}");
    }

    #[test]
    fn l7_damage_is_not_a_log_that_is_out_of_reach() {
        let corrupted = || redb::Error::Corrupted("a page".into());
        let full = || redb::Error::Io(io::ErrorKind::StorageFull.into());
        assert!(matches!(of_read(&corrupted()), ReadError::Damaged(_)));
        assert!(matches!(of_read(&full()), ReadError::Unavailable(_)));
        let first = |error| of_first_read(PathBuf::from("folder"), error);
        assert!(matches!(first(corrupted()), FileError::Damaged { .. }));
        assert!(matches!(first(full()), FileError::Io { .. }));
        assert!(matches!(of_append(&full()), AppendError::Unknown(_)));
    }
}
