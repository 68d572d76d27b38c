//! A test in a process of its own: the test starts its own binary again with itself as the
//! only test, passes the output on, and ends as that process says.

use std::env;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::process::{Child, Command, ExitCode, ExitStatus, Stdio, exit};
use std::str::FromStr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::task::text_of;

/// The variable that notifies a process of the test that it runs, as `key name`.
pub(super) const VARIABLE: &str = "SPRAG_TEST_ALONE";

/// How much longer than its test a process may take.
const EXTRA: Duration = Duration::from_secs(10);

/// The interval of the checks for the end of the process.
const POLL: Duration = Duration::from_millis(1);

/// How long output may arrive after the end of the process, when another process holds the
/// streams open.
const HELD_OPEN: Duration = Duration::from_secs(1);

/// The word of a process whose test begins.
const BEGINS: &str = "begins";

/// The beginning of a verdict with the text of a panic.
const PANIC: &str = "panic ";

/// Replaces the ends of lines in the text of a panic, since a verdict is one line.
const LINE_END: &str = "\0";

/// How a test ended in its process.
#[derive(Debug, PartialEq)]
enum TestVerdict {
    Success,
    Failure,
    /// The text of the panic.
    Panic(String),
}

/// Runs `test` in a process of its own, and ends as `test` does there.
///
/// # Panics
///
/// If `test` panics, with the same text. If the process ends without a verdict, or takes
/// longer than `limit` and 10 s.
pub(super) fn in_own_process(
    name: &str,
    limit: Duration,
    test: impl FnOnce() -> ExitCode,
) -> ExitCode {
    let given = env::var(VARIABLE).unwrap_or_default();
    match given.split_once(' ') {
        Some((key, running)) if running == name => run_here(&Marker::new(key), test),
        _ => run_there(name, limit.saturating_add(EXTRA)),
    }
}

/// Runs the test, reports its verdict to the parent, and ends the process.
fn run_here(marker: &Marker, test: impl FnOnce() -> ExitCode) -> ! {
    marker.print(BEGINS);
    marker.print(&verdict_of(test).to_string());
    exit(0)
}

fn verdict_of(test: impl FnOnce() -> ExitCode) -> TestVerdict {
    match catch_unwind(AssertUnwindSafe(test)) {
        Ok(code) if code == ExitCode::SUCCESS => TestVerdict::Success,
        Ok(_) => TestVerdict::Failure,
        Err(panic) => TestVerdict::Panic(text_of(panic)),
    }
}

fn run_there(name: &str, limit: Duration) -> ExitCode {
    let key = format!("{:016x}", fastrand::u64(..));
    let mut process = OwnProcess::start(name, &key);
    let verdict = process.verdict(&Marker::new(&key), limit);
    match verdict.unwrap_or_else(|why| panic!("`{name}` {why}")) {
        TestVerdict::Success => ExitCode::SUCCESS,
        TestVerdict::Failure => ExitCode::FAILURE,
        // The hook of the process has printed this panic.
        TestVerdict::Panic(text) => resume_unwind(Box::new(text)),
    }
}

/// The process of a test, which is killed when this is dropped.
struct OwnProcess(Child);

impl OwnProcess {
    /// Starts the binary again with the one test. `name` begins with the crate, which the
    /// names of the harness do not have.
    fn start(name: &str, key: &str) -> Self {
        let binary = env::current_exe().expect("the path of the test's binary");
        let (_krate, test) = name.split_once("::").expect("a module path");
        let mut command = Command::new(binary);
        command.args([test, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"]);
        command.env(VARIABLE, format!("{key} {name}")).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self(command.spawn().expect("the test's own process starts"))
    }

    /// Passes the output on until the process has ended. The error completes a sentence about
    /// the test.
    fn verdict(&mut self, marker: &Marker, limit: Duration) -> Result<TestVerdict, String> {
        let mut streams = self.pass_on(marker);
        let began = Instant::now();
        let mut ended = None;
        while began.elapsed() < limit {
            streams.wait(POLL);
            ended = ended.or_else(|| self.end());
            if ended.as_ref().is_some_and(|ended| streams.are_done(ended.at)) {
                break;
            }
        }
        match (streams.verdict, ended) {
            (Some(verdict), _) => Ok(verdict),
            (None, Some(end)) if streams.began => {
                Err(format!("ended its own process: {}", end.status))
            }
            (None, Some(end)) => Err(format!(
                "did not run in its own process ({}); `alone` needs the standard test harness",
                end.status,
            )),
            (None, None) => Err(format!("hangs: its own process was not done within {limit:?}")),
        }
    }

    fn pass_on(&mut self, marker: &Marker) -> OutputStreams {
        let (sender, lines) = channel();
        if let Some(out) = self.0.stdout.take() {
            read(out, marker.clone(), sender.clone(), |text| print!("{text}"));
        }
        if let Some(err) = self.0.stderr.take() {
            read(err, marker.clone(), sender, |text| eprint!("{text}"));
        }
        OutputStreams { reports: lines, open: 2, began: false, verdict: None }
    }

    fn end(&mut self) -> Option<End> {
        let status = self.0.try_wait().expect("the state of the test's own process");
        status.map(|status| End { status, at: Instant::now() })
    }
}

impl Drop for OwnProcess {
    fn drop(&mut self) {
        // An error means that the process has ended.
        let _ended = self.0.kill().and_then(|()| self.0.wait());
    }
}

/// The end of the process.
struct End {
    status: ExitStatus,
    at: Instant,
}

/// The reports of the threads that read the output.
struct OutputStreams {
    reports: Receiver<StreamReport>,
    /// How many streams have not ended.
    open: usize,
    /// Whether the test has begun.
    began: bool,
    verdict: Option<TestVerdict>,
}

enum StreamReport {
    /// The test has begun.
    Begins,
    /// The stream has ended, or contained the verdict.
    Ends(Option<TestVerdict>),
}

impl OutputStreams {
    /// Waits for a report, or for `limit`.
    fn wait(&mut self, limit: Duration) {
        match self.reports.recv_timeout(limit) {
            Ok(StreamReport::Begins) => self.began = true,
            Ok(StreamReport::Ends(verdict)) => {
                self.open -= 1;
                self.verdict = verdict.or_else(|| self.verdict.take());
            }
            Err(RecvTimeoutError::Timeout) => (),
            Err(RecvTimeoutError::Disconnected) => thread::sleep(limit),
        }
    }

    /// Whether all is read. Processes that the test has left hold the streams open.
    fn are_done(&self, ended: Instant) -> bool {
        self.open == 0 || ended.elapsed() > HELD_OPEN
    }
}

/// Reads a stream on a thread, and passes the text of the test to `print`.
///
/// The harness captures what a thread prints that its test has spawned.
fn read(
    stream: impl Read + Send + 'static,
    marker: Marker,
    reports: Sender<StreamReport>,
    print: impl Fn(&str) + Send + 'static,
) {
    thread::spawn(move || {
        let mut began = false;
        let mut lines = BufReader::new(stream);
        let mut line = Vec::new();
        // An error of reading ends the stream.
        while lines.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line);
            let (text, marked) = marker.split(&text);
            if began {
                print(text);
            }
            match marked {
                Some(BEGINS) => {
                    began = true;
                    drop(reports.send(StreamReport::Begins));
                }
                Some(verdict) => {
                    drop(reports.send(StreamReport::Ends(verdict.parse().ok())));
                    return;
                }
                None => (),
            }
            line.clear();
        }
        drop(reports.send(StreamReport::Ends(None)));
    });
}

/// The text of the lines by which a process reports to its parent.
#[derive(Clone)]
struct Marker(String);

impl Marker {
    fn new(key: &str) -> Self {
        Self(format!("sprag-test-{key} "))
    }

    /// Prints `word` to both streams, past the capture of the harness.
    fn print(&self, word: &str) {
        // The parent that ended reads nothing.
        let line = format!("{}{word}\n", self.0);
        let _written = io::stdout().write_all(line.as_bytes());
        let _written = io::stderr().write_all(line.as_bytes());
    }

    /// The text before the marker, and the word behind it.
    fn split<'l>(&self, line: &'l str) -> (&'l str, Option<&'l str>) {
        match line.split_once(&self.0) {
            Some((text, word)) => (text, Some(word.trim_end_matches('\n'))),
            None => (line, None),
        }
    }
}

impl fmt::Display for TestVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("success"),
            Self::Failure => f.write_str("failure"),
            Self::Panic(text) => write!(f, "{PANIC}{}", text.replace('\n', LINE_END)),
        }
    }
}

impl FromStr for TestVerdict {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        match (word, word.strip_prefix(PANIC)) {
            ("success", _) => Ok(Self::Success),
            ("failure", _) => Ok(Self::Failure),
            (_, Some(text)) => Ok(Self::Panic(text.replace(LINE_END, "\n"))),
            _ => Err(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_reports_each_verdict_on_one_line() {
        let panic = TestVerdict::Panic("two\nlines".to_owned());
        for verdict in [TestVerdict::Success, TestVerdict::Failure, panic] {
            let word = verdict.to_string();
            assert_eq!((word.lines().count(), word.parse()), (1, Ok(verdict)));
        }
        assert_eq!("succeeded".parse::<TestVerdict>(), Err(()));
    }

    #[test]
    fn the_rest_of_an_open_stream_is_waited_for_after_the_end() {
        let streams =
            |open| OutputStreams { reports: channel().1, open, began: true, verdict: None };
        assert!(streams(0).are_done(Instant::now()) && !streams(1).are_done(Instant::now()));
        let long_ago = Instant::now().checked_sub(2 * HELD_OPEN);
        assert!(long_ago.is_none_or(|ended| streams(1).are_done(ended)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn s10_the_process_of_a_test_that_is_given_up_is_ended() {
        let process = OwnProcess(Command::new("sleep").arg("60").spawn().expect("it starts"));
        let entry = format!("/proc/{}", process.0.id());
        let runs = || std::path::Path::new(&entry).exists();
        assert!(runs());
        drop(process);
        assert!(!runs());
    }

    #[test]
    fn the_streams_are_done_when_both_have_ended() {
        let (sender, reports) = channel();
        let mut streams = OutputStreams { reports, open: 2, began: false, verdict: None };
        let ends = [Some(TestVerdict::Failure), None].map(StreamReport::Ends);
        for report in [StreamReport::Begins].into_iter().chain(ends) {
            assert!(!streams.are_done(Instant::now()));
            sender.send(report).unwrap();
            streams.wait(HELD_OPEN);
        }
        assert!(streams.are_done(Instant::now()) && streams.began);
        assert_eq!(streams.verdict, Some(TestVerdict::Failure));
    }

    #[test]
    fn a_stream_without_a_verdict_ends_with_its_text() {
        let (sender, reports) = channel();
        let (printed, text) = channel();
        let stream = &b"before\nsprag-test-k begins\nits text\n"[..];
        read(stream, Marker::new("k"), sender, move |line| printed.send(line.to_owned()).unwrap());
        let next = || reports.recv_timeout(Duration::from_secs(60));
        assert!(matches!(next(), Ok(StreamReport::Begins)));
        assert!(matches!(next(), Ok(StreamReport::Ends(None))));
        assert_eq!(text.iter().collect::<Vec<_>>(), ["its text\n"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_without_a_verdict_says_whether_its_test_has_begun() {
        let end = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut process = OwnProcess(command.spawn().expect("it starts"));
            process.verdict(&Marker::new("k"), Duration::from_secs(60)).unwrap_err()
        };
        assert!(end("exit 3").contains("did not run in its own process (exit status: 3)"));
        let begun = end("echo sprag-test-k begins; exit 3");
        assert_eq!(begun, "ended its own process: exit status: 3");
    }

    #[test]
    fn a_test_in_a_process_of_its_own_ends_as_it_does() {
        assert_eq!(verdict_of(|| ExitCode::SUCCESS), TestVerdict::Success);
        assert_eq!(verdict_of(|| ExitCode::FAILURE), TestVerdict::Failure);
        assert_eq!(verdict_of(|| panic!("no screen")), TestVerdict::Panic("no screen".into()));
    }
}
