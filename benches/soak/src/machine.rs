//! The resources of the machine that this process holds.

use std::fmt;
use std::thread;
use std::time::Duration;

/// Memory, threads and open files. All are 0 where the system does not say.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    kilobytes: u64,
    threads: u64,
    files: u64,
}

/// By how much memory may grow from the first round's end on, where the allocator returns what
/// is freed, as `cargo xtask soak` has it do.
const SPARE_KILOBYTES: u64 = 16 * 1024;

impl Usage {
    #[cfg(target_os = "linux")]
    pub(crate) fn now() -> Self {
        let read = || -> procfs::ProcResult<Self> {
            let process = procfs::process::Process::myself()?;
            let status = process.status()?;
            Ok(Self {
                kilobytes: status.vmrss.unwrap_or_default(),
                threads: status.threads,
                files: process.fd_count()? as u64,
            })
        };
        read().unwrap_or_default()
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn now() -> Self {
        Self::default()
    }

    /// The usage once it is back at `start`, or 2 s later: threads that have the signal to
    /// end take a moment.
    pub(crate) fn settled(start: &Self) -> Self {
        for _ in 0..20 {
            if Self::now().leaks_since(start).is_empty() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        Self::now()
    }

    /// The resources that this process holds now and did not hold at `start`.
    pub(crate) fn leaks_since(&self, start: &Self) -> Vec<String> {
        let mut leaks = Vec::new();
        for (name, before, after, spare) in [
            ("kB of memory", start.kilobytes, self.kilobytes, SPARE_KILOBYTES),
            ("threads", start.threads, self.threads, 0),
            ("open files", start.files, self.files, 0),
        ] {
            if after > before + spare {
                leaks.push(format!("{} {name} ({before} at the start)", after - before));
            }
        }
        leaks
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kilobytes, threads, files } = self;
        write!(f, "{kilobytes:>7} kB, {threads} threads, {files} files")
    }
}
