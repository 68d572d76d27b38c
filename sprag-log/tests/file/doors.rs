//! L7: folders that are in use, of other programs, or damaged. None of them is changed.

use std::fs;
use std::path::Path;

use sprag_log::{File, FileError};

use crate::Counts;

async fn written(folder: &Path) {
    let file = File::open(folder).expect("a new folder opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is in reach");
    counts.push(Counts::PATHS.made, 7).await.expect("the disk takes it");
    counts.stop().await;
}

#[tokio::test]
async fn l7_a_folder_has_one_user_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = File::open(folder.path()).unwrap();
    let error = File::open(folder.path()).unwrap_err();
    assert!(matches!(error, FileError::InUse { .. }), "{error}");
    drop(first);
    File::open(folder.path()).expect("the first has let go");
}

#[tokio::test]
async fn l7_a_folder_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    let error = File::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("the folder contains `notes.txt`; use an empty folder"),
        "{error}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was added");
}

#[tokio::test]
async fn l7_a_database_of_another_program_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sprag.redb");
    let table = redb::TableDefinition::<&str, u64>::new("theirs");
    let database = redb::Database::create(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction.open_table(table).unwrap().insert("key", 1).unwrap();
    transaction.commit().unwrap();
    drop(database);

    let error = File::open(folder.path()).unwrap_err();
    assert!(matches!(error, FileError::Foreign { .. }), "{error}");
    fs::write(&path, "text").unwrap();
    let error = File::open(folder.path()).unwrap_err();
    assert!(matches!(error, FileError::Foreign { .. } | FileError::Damaged { .. }), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "text", "nothing was overwritten");
}

/// Damages each byte of the file: the state is right, or the error names the place.
#[tokio::test]
async fn l7_damage_is_an_error_or_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let path = folder.path().join("sprag.redb");
    let whole = fs::read(&path).unwrap();
    let used: Vec<_> = (0..whole.len()).filter(|index| whole[*index] != 0).collect();
    for index in used.iter().step_by(used.len() / 60 + 1) {
        let mut damaged = whole.clone();
        damaged[*index] ^= 0x55;
        fs::write(&path, &damaged).unwrap();
        let file = match File::open(folder.path()) {
            Ok(file) => file,
            Err(error) => {
                names(&error, folder.path());
                continue;
            }
        };
        match file.model("counts", Counts::default()).await {
            Ok(counts) => {
                let made = counts.snapshot().made.clone();
                assert!(made == [7] || made.is_empty(), "byte {index}: {made:?}");
                counts.stop().await;
            }
            Err(error) => assert!(error.to_string().contains("`counts`"), "{error}"),
        }
    }
}

fn names(error: &FileError, folder: &Path) {
    let said = error.to_string();
    assert!(said.contains(&folder.display().to_string()), "{said}");
}

/// The engine panics when its file is damaged so.
#[tokio::test]
async fn l7_a_file_whose_pages_are_all_damaged_is_an_error_that_says_what_to_do() {
    const HEAD: usize = 8_192;
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let path = folder.path().join("sprag.redb");
    let mut damaged = fs::read(&path).unwrap();
    damaged.iter_mut().skip(HEAD).for_each(|byte| *byte ^= 0x55);
    fs::write(&path, &damaged).unwrap();

    let error = File::open(folder.path()).unwrap_err();

    assert!(matches!(error, FileError::Damaged { .. }), "{error}");
    assert!(error.to_string().ends_with("; restore the folder from a copy"), "{error}");
    names(&error, folder.path());
    assert!(fs::read(&path).unwrap() == damaged, "nothing was overwritten");
}
