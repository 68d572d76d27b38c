//! A running hub and the lines of its output and log.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Long enough for a slow machine; a test that passes never waits that long.
const DEADLINE: Duration = Duration::from_secs(60);

/// The example's program.
///
/// Cargo passes the paths of a package's programs to the tests, but not the paths of the
/// examples. The examples are beside the folder of the test's own program. `cargo test`
/// builds the examples before the tests run, but `cargo test --test hub` does not,
/// hence the two checks.
pub(crate) fn program() -> PathBuf {
    let test = std::env::current_exe().expect("the test has a program");
    let profile = test.parent().and_then(Path::parent).expect("it lies in `deps`");
    let name = format!("media_hub{}", std::env::consts::EXE_SUFFIX);
    let program = profile.join("examples").join(name);
    let remedy = "run `cargo build --example media_hub` first, or all of `cargo test`";
    let Ok(built) = fs::metadata(&program).and_then(|file| file.modified()) else {
        panic!("{} is not built; {remedy}", program.display());
    };
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
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

/// A hub with an open input. A test that fails kills the hub.
pub(crate) struct Hub {
    child: Child,
    input: Option<ChildStdin>,
    pub(crate) out: Lines,
    pub(crate) log: Lines,
}

impl Hub {
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, &[])
    }

    /// Starts a hub with more arguments.
    pub(crate) fn start_with(folder: &Path, arguments: &[&str]) -> Self {
        Self::spawn(folder, arguments, Stdio::piped(), None)
    }

    /// Starts a hub that writes to `output`; `out` has lines for a piped output alone.
    pub(crate) fn start_with_output(folder: &Path, output: Stdio) -> Self {
        Self::spawn(folder, &[], output, None)
    }

    /// Starts a hub that finds programs in `programs` first.
    #[cfg(unix)]
    pub(crate) fn start_with_programs(folder: &Path, programs: &Path) -> Self {
        let mut path = std::ffi::OsString::from(programs);
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        Self::spawn(folder, &[], Stdio::piped(), Some(path))
    }

    fn spawn(
        folder: &Path,
        arguments: &[&str],
        output: Stdio,
        path: Option<std::ffi::OsString>,
    ) -> Self {
        let mut command = Command::new(program());
        if let Some(path) = path {
            command.env("PATH", path);
        }
        let mut child = command
            .arg(folder)
            .args(arguments)
            .env("RUST_LOG", "debug")
            .stdin(Stdio::piped())
            .stdout(output)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let input = child.stdin.take();
        let out = match child.stdout.take() {
            Some(out) => Lines::of("output", out),
            None => Lines::of("output", std::io::empty()),
        };
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

    /// Ends the hub as `kill -9` does.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it is a child");
    }

    /// Waits for the end of the process; returns the stop report and the exit status.
    pub(crate) fn stopped(mut self) -> (String, ExitStatus) {
        let first = self.out.until("`MediaHub` stopped in ");
        let report = [first].into_iter().chain(self.out.rest()).collect::<Vec<_>>().join("\n");
        (report, self.child.wait().expect("it is a child"))
    }

    /// Waits for the end of the process; returns the last line of the log and the exit
    /// status.
    pub(crate) fn failed(mut self) -> (String, ExitStatus) {
        let last = self.log.rest().pop().expect("the log has lines");
        (last, self.child.wait().expect("it is a child"))
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        // The kill fails when the process has ended, as in a test that passes.
        let _ended = self.child.kill().is_err();
        let _reaped = self.child.wait().is_ok();
    }
}

/// The lines of an output of a process.
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

    /// The next line. Lines about mounts are skipped: another process may mount something
    /// during a test.
    pub(crate) fn next(&mut self) -> String {
        let deadline = Instant::now() + DEADLINE;
        while let Some(line) = self.read(deadline) {
            if !line.starts_with("mounted: ") && !line.starts_with("unmounted: ") {
                return line;
            }
        }
        panic!("the {} has ended with:\n{}", self.name, self.seen.join("\n"));
    }

    /// Skips lines up to the first line with `text`.
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
