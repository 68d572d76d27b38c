//! A hub that runs, and the lines that it writes.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for a slow machine; a test that passes never waits for it.
const DEADLINE: Duration = Duration::from_secs(60);

/// The example's program.
///
/// Cargo names the programs of a package to its tests, but not its examples. They
/// lie beside the folder of the test's own program. `cargo test` builds them before
/// it runs a test, but `cargo test --test media_hub` does not, hence the two checks.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a program");
    let profile = test.parent().and_then(Path::parent).expect("it lies in `deps`");
    let name = format!("media_hub{}", std::env::consts::EXE_SUFFIX);
    let program = profile.join("examples").join(name);
    let remedy = "run `cargo build --example media_hub` first, or all of `cargo test`";
    let Ok(built) = fs::metadata(&program).and_then(|file| file.modified()) else {
        panic!("{} is not built; {remedy}", program.display());
    };
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/media_hub");
    for source in fs::read_dir(sources).expect("the example has a folder") {
        let source = source.expect("it can be read");
        if source.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let written = source.metadata().and_then(|file| file.modified()).expect("it has a date");
        assert!(written <= built, "{} is older than its source; {remedy}", program.display());
    }
    program
}

/// A hub whose input is held open. It is killed if the test fails.
pub(crate) struct Hub {
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) out: Lines,
    pub(crate) log: Lines,
}

impl Hub {
    pub(crate) fn start(folder: &Path) -> Self {
        let mut child = Command::new(program())
            .arg(folder)
            .env("RUST_LOG", "debug")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let input = child.stdin.take();
        let out = Lines::of("output", child.stdout.take().expect("piped"));
        let log = Lines::of("log", child.stderr.take().expect("piped"));
        Self { child, input, out, log }
    }

    pub(crate) fn type_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("the input is open");
        writeln!(input, "{line}").expect("the hub reads");
    }

    pub(crate) fn end_input(&mut self) {
        self.input = None;
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: nix::sys::signal::Signal) {
        let process = i32::try_from(self.child.id()).expect("process ids are small");
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(process), signal).expect("it runs");
    }

    /// The stop report and the exit status; the process has ended then.
    pub(crate) fn stopped(mut self) -> (String, ExitStatus) {
        let first = self.out.until("`MediaHub` stopped in ");
        let report = [first].into_iter().chain(self.out.rest()).collect::<Vec<_>>().join("\n");
        (report, self.child.wait().expect("it is a child"))
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // Fails where it has ended by itself, which is how it should be.
        let _ended = self.child.kill().is_err();
        let _reaped = self.child.wait().is_ok();
    }
}

/// What a process writes, line by line.
pub(crate) struct Lines {
    name: &'static str,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Lines {
    fn of(name: &'static str, from: impl Read + Send + 'static) -> Self {
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(from).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { name, lines, seen: Vec::new() }
    }

    /// The next line; `None` at the end.
    fn read(&mut self, deadline: Instant) -> Option<String> {
        match self.lines.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                self.seen.push(line.clone());
                Some(line)
            }
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => {
                panic!("the {} says no more than:\n{}", self.name, self.seen.join("\n"))
            }
        }
    }

    /// The next line, whatever it is, but for what others mount on this machine
    /// meanwhile.
    pub(crate) fn next(&mut self) -> String {
        let deadline = Instant::now() + DEADLINE;
        while let Some(line) = self.read(deadline) {
            if !line.starts_with("mounted: ") && !line.starts_with("unmounted: ") {
                return line;
            }
        }
        panic!("the {} has ended with:\n{}", self.name, self.seen.join("\n"));
    }

    /// The first line that holds `text`; those before it are passed over.
    pub(crate) fn until(&mut self, text: &str) -> String {
        let deadline = Instant::now() + DEADLINE;
        while let Some(line) = self.read(deadline) {
            if line.contains(text) {
                return line;
            }
        }
        panic!("`{text}` is not in the {}:\n{}", self.name, self.seen.join("\n"));
    }

    /// Everything up to the end.
    fn rest(&mut self) -> Vec<String> {
        let deadline = Instant::now() + DEADLINE;
        std::iter::from_fn(|| self.read(deadline)).collect()
    }
}
