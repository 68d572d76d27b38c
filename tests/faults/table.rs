//! The table: each place and each fault, on both runtimes.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use test_support::within;

use super::aborts::end_of_process;
use super::case::{Fault, quiet};
use super::outcome::{PATIENT, SHORT, Threads, outcome};

/// Where users' code runs.
pub const PLACES: &[&str] = &[
    "new",
    "on_start",
    "task",
    "interval",
    "worker",
    "worker on a thread",
    "watcher",
    "stream",
    "receiver of a watch",
    "listener",
    "async listener",
    "health",
    "process",
    "new of a child",
    "task of a child",
    "on_stop of a child",
    "cleanup of a child",
    "drop of a child",
    "on_stop",
    "on_stopped",
    "cleanup",
    "drop",
];

const FAULTS: [Fault; 5] = [Fault::Panic, Fault::Error, Fault::Hang, Fault::Block, Fault::Abort];

/// The time that one case may take.
const CASE: Duration = Duration::from_secs(300);

/// So many cases run at the same time: most of them wait for deadlines.
const AT_ONCE: usize = 8;

/// Code that is not async cannot hang without its thread, and what returns nothing cannot
/// return an error.
fn exists(place: &str, fault: Fault) -> bool {
    let returns_nothing = place.starts_with("cleanup") || place.starts_with("drop");
    match fault {
        Fault::Panic | Fault::Block | Fault::Abort => true,
        Fault::Error => !returns_nothing,
        Fault::Hang => !returns_nothing && !["listener", "worker on a thread"].contains(&place),
    }
}

/// The text of a cell of the table.
fn cell(place: &'static str, fault: Fault, limit: Duration) -> String {
    if !exists(place, fault) {
        return "–".to_owned();
    }
    let run = |threads| {
        // The name of the thread is that of a case that hangs.
        let thread = thread::Builder::new().name(format!("{place}, {fault:?}, {threads:?}"));
        let case = move || within(CASE, move || run(place, fault, threads, limit));
        thread.spawn(case).unwrap().join().expect("the case neither hangs nor panics")
    };
    let (one, two) = (run(Threads::One), run(Threads::Two));
    match fault {
        Fault::Block => blocked(place, &one, two),
        _ => {
            assert_eq!(one, two, "{place}, {fault:?}");
            one
        }
    }
}

/// The cell of code that blocks its thread. On a runtime of one thread, hooks that were to
/// run later may leak as well: which ones depends on the moment.
fn blocked(place: &str, one: &str, two: String) -> String {
    let part = |part: &str| part.trim().to_owned();
    let parts = |text: &str| text.split([',', ';']).map(part).collect::<Vec<_>>();
    let (own, mut others) = (parts(&two), parts(one));
    for part in own.iter().filter(|part| !part.ends_with("clean")) {
        let at = others.iter().position(|other| other == part);
        others.remove(at.unwrap_or_else(|| panic!("{place}: {two}, but on one thread {one}")));
    }
    others.retain(|part| !part.ends_with("clean"));
    let leaked = others.iter().all(|part| part.ends_with("leaked") || part.ends_with("lost"));
    assert!(leaked, "{place}: {two}, but on one thread {one}");
    two
}

fn run(place: &'static str, fault: Fault, threads: Threads, limit: Duration) -> String {
    match fault {
        Fault::Abort if place != "process" => end_of_process(place, threads),
        _ => outcome(place, fault, threads, limit),
    }
}

/// The cells of all rows, some at a time. A cell that is not the one of the page is run
/// again, alone and with more time.
fn cells(page: &str) -> Vec<String> {
    quiet();
    let cases = PLACES.iter().flat_map(|&place| FAULTS.map(|fault| (place, fault)));
    let cases: VecDeque<_> = cases.enumerate().collect();
    let count = cases.len();
    let (waiting, done) = (Mutex::new(cases), Mutex::new(vec![String::new(); count]));
    thread::scope(|threads| {
        for _ in 0..AT_ONCE {
            threads.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().pop_front();
                    let Some((at, (place, fault))) = next else { return };
                    // On a busy machine a case may break one of its own rules.
                    let quick = thread::spawn(move || cell(place, fault, SHORT)).join();
                    done.lock().unwrap()[at] = quick.unwrap_or_default();
                }
            });
        }
    });
    let mut cells = done.into_inner().unwrap();
    for (row, place) in PLACES.iter().enumerate() {
        let written = page.lines().find(|line| line.starts_with(&format!("| {place} |")));
        let written: Vec<&str> = written.unwrap_or_default().split(" | ").skip(1).collect();
        for (column, fault) in FAULTS.into_iter().enumerate() {
            let cell_now = &mut cells[row * FAULTS.len() + column];
            let text = written.get(column).map(|text| text.trim_end_matches(" |"));
            if text != Some(&**cell_now) {
                println!("once more: {place}, {fault:?}: {cell_now}");
                *cell_now = cell(place, fault, PATIENT);
            }
        }
    }
    cells
}

const INTRODUCTION: &str = "# Faults\n\n\
The consequences of a fault of a service: the row is the place of the fault, the column its kind. \
In all cases but an abort the stop ends within its limits, and the services that the faulty one depends \
on are released after the faulty one. An abort ends the process: nothing is released, and the \
child processes are killed. A *process* is a child process whose output panics its reader, that \
exits with 3, that runs until SIGTERM, that ignores SIGTERM, and that aborts. A *stream* is the method of a `#[watch]` that opens one. \
A dash is a fault that the place cannot have: code that is not async cannot hang without its \
thread, and a cleanup and a drop cannot return an error.\n\n\
A hook that blocks its thread takes one thread of the runtime away. On a runtime of one thread no \
other async hook of any service runs from then on, so that these leak too; deadlines, health and \
releases go on.\n\n\
`tests/faults` runs each case on a runtime of one thread and on one of two, and writes this page. \
Its `pairs` run two faults at a time, in one service or in one and one below it, with hooks that \
are async and hooks that are not: each fault that is reached is in the report, and no other.\n\n";

fn page(written: &str) -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("| place | panic | error | async hang | blocking hang | abort |\n");
    page.push_str("|---|---|---|---|---|---|\n");
    for (place, cells) in PLACES.iter().zip(cells(written).chunks(FAULTS.len())) {
        writeln!(page, "| {place} | {} |", cells.join(" | ")).unwrap();
    }
    page
}

#[test]
fn s5_each_fault_ends_as_the_page_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/internals/faults.md");
    let before = std::fs::read_to_string(&path).unwrap();
    let page = within(Duration::from_secs(900), move || page(&before));
    if std::env::var_os("SPRAG_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(page, written, "run it with SPRAG_BLESS=1");
}
