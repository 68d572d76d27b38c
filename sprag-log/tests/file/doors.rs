//! L7: folders that are in use, of other programs, or damaged. None of them is changed.

use std::path::Path;
use std::sync::Barrier;
use std::time::Duration;
use std::{fs, thread};

use bytes::Bytes;
use sprag_log::{File, FileError, Log};
use test_support::within;

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

/// Appends an entry behind those that are there; returns whether the folder was free.
fn is_appended(folder: &Path) -> bool {
    let file = match File::open(folder) {
        Ok(file) => file,
        Err(FileError::InUse { .. }) => return false,
        Err(error) => panic!("{error}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it starts");
    runtime.block_on(async {
        let last = entries(&file).await;
        file.append("log", last, Bytes::from_static(b"entry")).await.expect("there is room");
    });
    true
}

async fn entries(file: &File) -> u64 {
    file.read("log", 0).await.expect("the log is whole").entries.len() as u64
}

#[test]
fn l7_a_new_folder_that_several_open_at_once_has_one_user_and_keeps_its_entries() {
    within(Duration::from_secs(120), || {
        for round in 0..40 {
            let folder = tempfile::tempdir().unwrap();
            let (path, start) = (folder.path().join("new/state"), Barrier::new(3));
            let open = || {
                start.wait();
                is_appended(&path)
            };
            let appended = thread::scope(|scope| {
                let openings = [(); 3].map(|()| scope.spawn(open));
                openings.map(|opening| opening.join().expect("no opening panics"))
            });
            let appended = appended.into_iter().filter(|is_appended| *is_appended).count();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let kept = runtime.block_on(async { entries(&File::open(&path).unwrap()).await });
            assert!(appended > 0 && kept == appended as u64, "round {round}: {kept} of {appended}");
        }
    });
}

#[tokio::test]
async fn l1_a_part_of_a_file_that_a_first_opening_left_is_overwritten() {
    for left in ["", "a part of a file"] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sprag.redb.new"), left.repeat(100_000)).unwrap();
        written(folder.path()).await;
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        assert!(names.len() == 1 && folder.path().join("sprag.redb").exists(), "{names:?}");
        let file = File::open(folder.path()).expect("the file is whole");
        let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
        assert_eq!(counts.get(Counts::PATHS.made), [7]);
    }
}

/// A link may lead to a disk that is not there at the moment.
#[cfg(unix)]
#[tokio::test]
async fn l7_a_link_that_leads_nowhere_is_an_error_and_not_a_new_log() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("sprag.redb");
    std::os::unix::fs::symlink(folder.path().join("away/sprag.redb"), &link).unwrap();
    let error = File::open(folder.path()).unwrap_err();
    assert!(matches!(error, FileError::Io { .. }), "{error}");
    assert!(link.is_symlink() && fs::read_dir(folder.path()).unwrap().count() == 1);
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

/// Some bytes of `file`: many of its head, and some of those that are not zero.
fn places(file: &[u8]) -> impl Iterator<Item = usize> {
    const HEAD: usize = 320;
    let used: Vec<_> = (HEAD..file.len()).filter(|index| file[*index] != 0).collect();
    let step = used.len() / 80 + 1;
    (0..HEAD).step_by(5).chain(used.into_iter().step_by(step))
}

/// Opens a folder whose file is `whole` with another byte at `index`. Returns the state; `None` if
/// the folder does not open, and then its file is as before.
async fn with_damage(folder: &Path, whole: &[u8], index: usize) -> Option<Counts> {
    let path = folder.join("sprag.redb");
    let mut damaged = whole.to_vec();
    damaged[index] ^= 0x55;
    fs::write(&path, &damaged).unwrap();
    match File::open(folder) {
        Ok(file) => {
            let counts = file.model("counts", Counts::default()).await;
            let counts = counts.unwrap_or_else(|error| panic!("byte {index}: {error}"));
            counts.stop().await;
            Some(Counts::clone(&counts.snapshot()))
        }
        Err(error) => {
            names(&error, folder);
            assert!(fs::read(&path).unwrap() == damaged, "byte {index}: it was overwritten");
            None
        }
    }
}

#[tokio::test]
async fn l7_damage_is_an_error_that_overwrites_nothing_or_does_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    written(folder.path()).await;
    let whole = fs::read(folder.path().join("sprag.redb")).unwrap();
    let mut refused = 0;
    for index in places(&whole) {
        match with_damage(folder.path(), &whole, index).await {
            Some(counts) => assert_eq!(counts.made, [7], "byte {index}"),
            None => refused += 1,
        }
    }
    assert!(refused > 20, "{refused} openings are refused");
}

/// A file that was not closed has the last commits in part, or damage that looks the same.
#[tokio::test]
async fn l7_damage_of_a_file_that_was_not_closed_overwrites_nothing_or_goes_back_to_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::open(folder.path()).expect("a new folder opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is in reach");
    for number in [7, 8, 9] {
        counts.push(Counts::PATHS.made, number).await.expect("the disk takes it");
    }
    let whole = fs::read(folder.path().join("sprag.redb")).unwrap();
    let crashed = tempfile::tempdir().unwrap();
    let mut refused = 0;
    for index in places(&whole) {
        match with_damage(crashed.path(), &whole, index).await {
            Some(counts) => assert!([7, 8, 9].starts_with(&counts.made), "byte {index}"),
            None => refused += 1,
        }
    }
    assert!(refused > 1, "{refused} openings are refused");
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
