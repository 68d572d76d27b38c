//! The threads and the child processes that a test leaves in its process.
//!
//! On Linux `/proc` lists them. Elsewhere the lists are empty.

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

/// How long tasks, threads and processes that are about to end may take.
pub(super) const SETTLE: Duration = Duration::from_secs(1);

/// The interval of the checks.
pub(super) const POLL: Duration = Duration::from_millis(1);

/// The threads of sprag that live as long as the process.
const OF_THE_PROCESS: [&str; 3] = ["sprag signals", "sprag hangup", "sprag log"];

/// How many bytes of a thread's name the system keeps.
#[cfg(target_os = "linux")]
const NAME: usize = 15;

/// The threads and processes that ran before a test.
pub(super) struct Residue {
    /// The name that the system has for the thread of the test, and for the threads without a
    /// name that this thread spawns.
    test: String,
    before: HashSet<u32>,
}

/// A thread of this process, or a process that this one or a child of it has started.
struct LiveEntry {
    id: u32,
    name: String,
    kind: LiveKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LiveKind {
    Thread,
    Process,
    /// A process that has ended and that its parent has not waited for.
    Zombie,
}

/// The list that `left` returns once the list is empty, or after the time that threads may
/// take to end.
///
/// The kernel ends its list of threads early where one of them ends during the reading, so an
/// empty list is read again.
pub(super) fn settled(left: impl Fn() -> Vec<String>) -> Vec<String> {
    let began = Instant::now();
    let mut was_empty = false;
    loop {
        let left = left();
        let is_empty = left.is_empty();
        if is_empty && was_empty || began.elapsed() > SETTLE {
            return left;
        }
        was_empty = is_empty;
        thread::sleep(POLL);
    }
}

impl Residue {
    /// Records what runs before the test of this name.
    pub(super) fn begin(test: &str) -> Self {
        let before = system::running().into_iter().map(|running| running.id).collect();
        Self { test: system::thread_name(test), before }
    }

    /// Names what was started since `begin` and does not end within a second.
    pub(super) fn left(&self) -> Vec<String> {
        settled(|| {
            let new = system::running().into_iter().filter(|running| self.is_left(running));
            new.map(|running| self.describe(&running)).collect()
        })
    }

    fn is_left(&self, running: &LiveEntry) -> bool {
        let is_thread = running.kind == LiveKind::Thread;
        let is_kept = is_thread && OF_THE_PROCESS.contains(&running.name.as_str());
        !is_kept && !self.before.contains(&running.id)
    }

    fn describe(&self, running: &LiveEntry) -> String {
        let LiveEntry { id, name, kind } = running;
        match kind {
            LiveKind::Thread if *name == self.test => "thread without a name still runs".to_owned(),
            LiveKind::Thread => format!("thread `{name}` still runs"),
            LiveKind::Process => format!("process `{name}` ({id}) still runs"),
            LiveKind::Zombie => format!("process `{name}` ({id}) was not waited for"),
        }
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::{DirEntry, read, read_dir, read_to_string};
    use std::{env, process};

    use super::super::alone::VARIABLE;
    use super::{LiveEntry, LiveKind, NAME};

    pub(super) fn running() -> Vec<LiveEntry> {
        let threads = entries("/proc/self/task").filter_map(|(id, entry)| thread(id, &entry));
        let key = env::var(VARIABLE).unwrap_or_default();
        let processes = entries("/proc").filter_map(|(id, entry)| process(id, &entry, &key));
        threads.chain(processes).collect()
    }

    pub(super) fn thread_name(name: &str) -> String {
        String::from_utf8_lossy(&name.as_bytes()[..name.len().min(NAME)]).into_owned()
    }

    /// The entries whose names are numbers. An entry that ends during the reading is left out.
    fn entries(path: &str) -> impl Iterator<Item = (u32, DirEntry)> {
        let entries = read_dir(path).into_iter().flatten().flatten();
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry)))
    }

    fn thread(id: u32, entry: &DirEntry) -> Option<LiveEntry> {
        let name = read_to_string(entry.path().join("comm")).ok()?.trim_end().to_owned();
        Some(LiveEntry { id, name, kind: LiveKind::Thread })
    }

    /// The process, if it is a child of this one or has inherited the key of the test.
    fn process(id: u32, entry: &DirEntry, key: &str) -> Option<LiveEntry> {
        // `1234 (name) S 1230 …`, and the name may contain parentheses.
        let stat = String::from_utf8_lossy(&read(entry.path().join("stat")).ok()?).into_owned();
        let (name, rest) = stat.split_once('(')?.1.rsplit_once(')')?;
        let mut rest = rest.split_whitespace();
        let (state, parent) = (rest.next()?, rest.next()?.parse::<u32>().ok()?);
        let is_child = parent == process::id() || has(entry, key);
        let kind = if state == "Z" { LiveKind::Zombie } else { LiveKind::Process };
        (id != process::id() && is_child).then(|| LiveEntry { id, name: name.to_owned(), kind })
    }

    /// Whether the process has `VARIABLE` with this value. The environment of a process of
    /// another user cannot be read.
    fn has(entry: &DirEntry, key: &str) -> bool {
        let variable = format!("{VARIABLE}={key}");
        let environment = read(entry.path().join("environ")).unwrap_or_default();
        environment.split(|&byte| byte == 0).any(|given| given == variable.as_bytes())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::LiveEntry;

    pub(super) fn running() -> Vec<LiveEntry> {
        Vec::new()
    }

    pub(super) fn thread_name(name: &str) -> String {
        name.to_owned()
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_ends_within_a_moment_is_not_left_and_an_empty_list_is_read_again() {
        let looks = Cell::new(0);
        let left = settled(|| {
            looks.set(looks.get() + 1);
            if looks.get() < 4 { vec!["it still runs".to_owned()] } else { Vec::new() }
        });
        assert_eq!((left.len(), looks.get()), (0, 5));
    }

    #[test]
    fn s10_the_processes_of_others_are_not_of_the_test() {
        let is_own = |running: &LiveEntry| running.id == std::process::id();
        let running = system::running();
        let foreign = |running: &&LiveEntry| running.kind != LiveKind::Thread;
        assert!(running.iter().filter(foreign).all(|process| process.id != 1 && !is_own(process)));
        assert!(running.iter().any(is_own), "the first thread has the number of the process");
    }
}
