//! L8, L9: the memory of a process does not grow with the log that it writes or reads, and a write
//! does not copy the state. Each test runs alone, since it counts the allocations of the whole
//! process.

use std::time::Duration;

use peak_alloc::PeakAlloc;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::{File, Logged};
use tokio::sync::Mutex;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Page {
    count: usize,
    text: String,
}

static ALONE: Mutex<()> = Mutex::const_new(());

/// A model that stores no snapshot. A write that reads a large entry again takes seconds on a busy
/// machine.
async fn page(log: &File, initial: Page) -> Logged<Page> {
    let opening = log.model("page", initial).deadline(Duration::from_secs(120));
    opening.snapshots(u64::MAX, u64::MAX).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn l8_neither_the_engine_nor_a_writer_nor_a_view_keeps_what_is_in_the_log() {
    const WRITTEN: usize = 48 << 20;
    const TEXT: usize = 512 << 10;
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let log = File::open(folder.path()).unwrap();
    // Another process would have a view of the same size.
    let (page, view) = (page(&log, Page::default()).await, page(&log, Page::default()).await);
    let mut largest = 0;
    for count in 0..WRITTEN / TEXT {
        let letter = char::from(b'a' + (count % 26) as u8);
        page.set(Page::PATHS.text, letter.to_string().repeat(TEXT)).await.unwrap();
        largest = largest.max(ALLOCATED.current_usage());
    }
    view.sync().await.unwrap();
    assert_eq!(view.get(Page::PATHS.text), page.get(Page::PATHS.text));
    page.stop().await;
    view.stop().await;
    assert!(largest < 32 << 20, "{largest} bytes are allocated");
}

#[tokio::test(flavor = "multi_thread")]
async fn l9_a_write_in_a_large_state_allocates_what_it_writes() {
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let log = File::open(folder.path()).unwrap();
    let large = Page { text: "x".repeat(10 << 20), ..Page::default() };
    let page = page(&log, large).await;
    // This write reads the last entry, which has the whole state.
    page.set(Page::PATHS.count, 1).await.unwrap();
    ALLOCATED.reset_peak_usage();
    let before = ALLOCATED.current_usage();
    for count in 2..100 {
        page.set(Page::PATHS.count, count).await.unwrap();
    }
    let peak = ALLOCATED.peak_usage() - before;
    assert!(peak < 1 << 20, "{peak} bytes are allocated for writes of a number");
    page.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn l9_a_model_keeps_two_states_and_its_initial_one() {
    const STATE: usize = 32 << 20;
    let _alone = ALONE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let log = File::open(folder.path()).unwrap();
    let before = ALLOCATED.current_usage();
    let large = Page { text: "x".repeat(STATE), ..Page::default() };
    let page = page(&log, large).await;
    for count in 1..3 {
        page.set(Page::PATHS.count, count).await.unwrap();
    }
    let kept = ALLOCATED.current_usage() - before;
    // The engine keeps 16 MiB of pages besides.
    assert!(kept < 3 * STATE + (20 << 20), "{kept} bytes are allocated");
    page.stop().await;
}
