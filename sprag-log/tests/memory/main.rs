//! L8: the memory of a process does not grow with the log that it writes. The test runs alone in its
//! process, since it counts the allocations of the whole process.

use peak_alloc::PeakAlloc;
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag_log::File;

#[global_allocator]
static ALLOCATED: PeakAlloc = PeakAlloc;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Page {
    text: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn l8_neither_the_engine_nor_the_committer_keeps_what_is_in_the_log() {
    const WRITTEN: usize = 48 << 20;
    const TEXT: usize = 512 << 10;
    let folder = tempfile::tempdir().unwrap();
    let log = File::open(folder.path()).unwrap();
    let page = log.model("page", Page::default()).snapshots(u64::MAX, u64::MAX).await.unwrap();
    let mut largest = 0;
    for count in 0..WRITTEN / TEXT {
        let letter = char::from(b'a' + (count % 26) as u8);
        page.set(Page::PATHS.text, letter.to_string().repeat(TEXT)).await.unwrap();
        largest = largest.max(ALLOCATED.current_usage());
    }
    page.stop().await;
    assert!(largest < 32 << 20, "{largest} bytes are allocated");
}
