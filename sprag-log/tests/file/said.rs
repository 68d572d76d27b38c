//! L3a, L7: what an opening says of a file that was not closed, and of a log that began with another
//! state.

use std::fmt::{Debug, Write};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use sprag_log::File;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber, subscriber};

use crate::Counts;

/// The warnings of a thread.
#[derive(Clone, Debug, Default)]
struct Warnings(Arc<Mutex<String>>);

impl Visit for Warnings {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().expect("no panic"), "{field}: {value:?}").expect("memory");
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// The warnings of an opening of `folder`.
fn said(folder: &Path) -> String {
    let warnings = Warnings::default();
    let open = || File::open(folder).expect("a folder of ours");
    drop(subscriber::with_default(warnings.clone(), open));
    warnings.0.lock().expect("no panic").clone()
}

#[tokio::test]
async fn l7_a_file_goes_back_to_its_last_commit_with_a_warning_if_it_was_not_closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::open(folder.path()).expect("a new folder opens");
    let counts = file.model("counts", Counts::default()).await.expect("the log is in reach");
    counts.set(Counts::PATHS.all, 7).await.expect("the disk takes it");
    let crashed = tempfile::tempdir().unwrap();
    let of = |folder: &Path| folder.join("sprag.redb");
    fs::copy(of(folder.path()), of(crashed.path())).expect("there is room");
    counts.stop().await;
    drop((counts, file));

    let warning = said(crashed.path());

    assert!(warning.contains("the log was not closed"), "{warning}");
    assert!(warning.contains(&crashed.path().display().to_string()), "{warning}");
    assert_eq!([said(crashed.path()), said(folder.path())], ["", ""], "these were closed");
    let file = File::open(crashed.path()).expect("it is repaired");
    let counts = file.model("counts", Counts::default()).await.expect("the log is whole");
    assert_eq!(counts.get(Counts::PATHS.all), 7);
}

/// The warnings of an opening of the model with this initial state.
async fn said_of_model(file: &File, initial: Counts, entries: u64) -> String {
    let warnings = Warnings::default();
    let guard = subscriber::set_default(warnings.clone());
    let counts = file.model("counts", initial).snapshots(entries, u64::MAX).await;
    drop(guard);
    let counts = counts.expect("the log is in reach");
    counts.update_at(Counts::PATHS.all, |all| *all += 1).await.expect("the disk takes it");
    counts.stop().await;
    warnings.0.lock().expect("no panic").clone()
}

#[tokio::test]
async fn l3a_a_process_whose_initial_state_is_another_one_says_so_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = File::open(folder.path()).expect("a new folder opens");
    let first = || Counts { all: 7, made: vec![] };
    for _ in 0..2 {
        assert_eq!(said_of_model(&file, first(), u64::MAX).await, "");
    }
    let said = said_of_model(&file, Counts::default(), 1).await;
    assert_eq!(said.matches("another initial state").count(), 1, "{said}");
    assert!(said.contains("log: \"counts\""), "{said}");
    // The last one stored a snapshot, which dropped the first entry and keeps its state.
    let said = said_of_model(&file, Counts::default(), u64::MAX).await;
    assert_eq!(said.matches("another initial state").count(), 1, "{said}");
    assert_eq!(said_of_model(&file, first(), u64::MAX).await, "");
    assert_eq!(file.model("counts", first()).await.expect("in reach").get(Counts::PATHS.all), 12);
}
