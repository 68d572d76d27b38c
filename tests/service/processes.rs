//! S10: child processes, on real ones, with the processes that they start.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::Signal;
use sprag::app::StopReason;
use sprag::service::{OnFailure, OutputStream, ProcessCommand};
use sprag::{prelude::*, start_with};
use test_support::{within, within_async};

use super::support::*;

const LIMIT: Duration = Duration::from_secs(60);
const ROLE: &str = "SPRAG_TEST_PROCESS_PARENT";

/// Starts the process that it is given.
pub struct Runner {
    command: Mutex<Option<ProcessCommand>>,
}

#[service]
impl Runner {
    fn new(command: Config<Mutex<Option<ProcessCommand>>>) -> Self {
        Self { command: Mutex::new(command.lock().unwrap().take()) }
    }

    async fn on_start(&self, scope: &Scope) -> sprag::Result<()> {
        let command = self.command.lock().unwrap().take();
        scope.process(command.expect("one start")).await?;
        Ok(())
    }
}

fn runner(command: ProcessCommand) -> Runner {
    Runner { command: Mutex::new(Some(command)) }
}

fn shell(script: &str, log: &Log) -> ProcessCommand {
    let log = log.clone();
    let says = move |line: sprag::service::OutputLine<'_>| {
        let prefix = if line.stream() == OutputStream::Stderr { "! " } else { "" };
        log.say(format!("{prefix}{}", line.text()));
    };
    ProcessCommand::new("sh").args(["-c", script]).on_line(says)
}

async fn until(log: &Log, begins: &str) -> String {
    within_async(LIMIT, async {
        loop {
            if let Some(line) = log.lines().iter().find(|line| line.starts_with(begins)) {
                return line.strip_prefix(begins).unwrap().to_owned();
            }
            tokio::task::yield_now().await;
        }
    })
    .await
}

/// Whether a process runs: an ended one that is not reaped does not.
fn runs(pid: &str) -> bool {
    let state = Command::new("ps").args(["-o", "stat=", "-p", pid.trim()]).output().unwrap();
    let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

fn until_ended(pids: &[String]) {
    let pids = pids.to_vec();
    within(LIMIT, move || {
        while pids.iter().any(|pid| runs(pid)) {
            std::thread::yield_now();
        }
    });
}

#[tokio::test]
async fn s10_a_stop_ends_a_process_by_sigterm_and_its_output_is_complete() {
    let log = Log::default();
    let script = "trap 'echo terminated; exit 0' TERM; echo oops >&2; echo ready; \
                  while :; do sleep 0.01; done";
    let service = start_with(Scope::new("runner"), runner(shell(script, &log))).await.unwrap();
    until(&log, "ready").await;
    let report = service.stop().await;
    assert!(report.is_clean(), "{report}");
    assert!(log.has("! oops"));
    assert_eq!(log.lines().last().unwrap(), "terminated");
}

#[tokio::test]
async fn s10_a_process_that_ignores_sigterm_is_killed_with_what_it_has_started() {
    let log = Log::default();
    // The grandchild ignores the signal as well.
    let script = "trap '' TERM; sleep 1000 & echo grandchild $!; echo child $$; wait; sleep 1000";
    let command = shell(script, &log).grace(SHORT);
    let service = start_with(Scope::new("runner"), runner(command)).await.unwrap();
    let pids = [until(&log, "child ").await, until(&log, "grandchild ").await];
    assert!(pids.iter().all(|pid| runs(pid)));

    let report = service.stop().await;

    assert!(pids.iter().all(|pid| !runs(pid)), "nothing outlives the stop");
    let failures = report.services()[0].failures();
    assert_eq!((failures[0].hook(), failures[0].failed()), ("sh", 1));
    assert!(failures[0].last_error().unwrap().contains("after SIGTERM"), "{report}");
    assert!(!report.is_clean());
}

#[tokio::test]
async fn s10_what_a_process_leaves_behind_ends_with_it() {
    let log = Log::default();
    let scope = Scope::new("runner");
    let script = "sleep 1000 & echo grandchild $!; exit 0";
    let process = scope.process(shell(script, &log).grace(SHORT)).await.unwrap();
    let status = within_async(LIMIT, process.ended()).await.unwrap();
    assert!(status.success());
    until_ended(&[until(&log, "grandchild ").await]);
}

#[tokio::test]
async fn s10_a_daemon_that_holds_the_output_keeps_no_stop_from_ending() {
    let log = Log::default();
    // The daemon leaves the group, and outlives the process.
    let script = "setsid sh -c 'echo daemon $$; exec sleep 1000' & exit 0";
    let command = shell(script, &log).grace(SHORT);
    let service = start_with(Scope::new("runner"), runner(command)).await.unwrap();
    let daemon = until(&log, "daemon ").await;

    let report = service.stop().await;

    let killed = Command::new("kill").args(["-KILL", daemon.trim()]).status().unwrap();
    assert!(killed.success(), "it is not reached, as the documentation says");
    assert!(report.is_clean(), "{report}");
}

#[tokio::test]
async fn s10_a_process_that_ends_with_an_error_fails_its_service() {
    let log = Log::default();
    let started = start_with(Scope::new("runner"), runner(shell("exit 3", &log))).await;
    // The process may end before its service has started.
    let report = match started {
        Ok(service) => within_async(LIMIT, service.stopped()).await,
        Err(error) => error.report().expect("the start was begun").clone(),
    };
    let StopReason::Failed { error, .. } = report.reason() else { panic!("{report}") };
    assert_eq!(error.to_string(), "process `sh` ended: exit status: 3");
}

#[tokio::test]
async fn s10_a_process_that_has_to_run_fails_its_service_by_any_end() {
    let log = Log::default();
    let command = shell("exit 0", &log).named("server").keep_running();
    let command = command.on_failure(OnFailure::report());
    let service = start_with(Scope::new("runner"), runner(command)).await.unwrap();
    within_async(LIMIT, async {
        while service.health().await.is_healthy() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let health = service.health().await;
    assert!(health.reason().unwrap().contains("process `server` ended: exit status: 0"));
    assert!(service.is_ready(), "the rule is to report");
    service.stop().await;
}

#[tokio::test]
async fn s10_a_process_is_stopped_alone() {
    let scope = Scope::new("runner");
    let process = scope.process(ProcessCommand::new("sleep").arg("1000")).await.unwrap();
    assert!(runs(&process.id().unwrap().to_string()));
    process.stop();
    let status = within_async(LIMIT, process.ended()).await.unwrap();
    assert_eq!(status.signal(), Some(Signal::SIGTERM as i32));
    assert_eq!(process.status(), Some(status));
}

#[tokio::test]
async fn s10_output_is_collected_and_a_dropped_future_kills_the_process() {
    let scope = Scope::new("runner");
    let script = ["-c", "echo out; echo err >&2; exit 7"];
    let output = scope.output(ProcessCommand::new("sh").args(script)).await.unwrap();
    assert_eq!((output.stdout, output.stderr), (b"out\n".to_vec(), b"err\n".to_vec()));
    assert_eq!(output.status.code(), Some(7));

    let folder = tempfile::tempdir().unwrap();
    let script = ["-c", "echo $$ > pid.new; mv pid.new pid; exec sleep 1000"];
    let command = ProcessCommand::new("sh").args(script).current_dir(folder.path());
    let pid = folder.path().join("pid");
    tokio::select! {
        _ = scope.output(command) => panic!("it sleeps"),
        () = async { while !pid.exists() { tokio::task::yield_now().await } } => {}
    }
    until_ended(&[std::fs::read_to_string(pid).unwrap()]);

    let absent = scope.output(ProcessCommand::new("no such program")).await.unwrap_err();
    assert_eq!(absent.kind(), std::io::ErrorKind::NotFound);
    assert!(absent.to_string().contains("process `no such program` cannot be started"));
}

#[tokio::test]
async fn s10_a_process_that_prints_without_end_is_killed_and_is_an_error() {
    let scope = Scope::new("runner");
    let flood = ProcessCommand::new("sh").args(["-c", "exec yes 2>&1"]);
    let error = within_async(LIMIT, scope.output(flood)).await.expect_err("it is too long");
    assert_eq!(error.kind(), std::io::ErrorKind::FileTooLarge);
}

/// The process that the next test kills.
#[test]
fn s10_parent() {
    within(LIMIT, || {
        if std::env::var_os(ROLE).is_none() {
            return;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scope = Scope::new("parent");
            let script = "trap '' TERM HUP; sleep 1000 & echo pids $$ $!; wait; sleep 1000";
            let print = |line: sprag::service::OutputLine<'_>| println!("\n{}", line.text());
            let command = ProcessCommand::new("sh").args(["-c", script]).on_line(print);
            scope.process(command).await.unwrap();
            std::future::pending::<()>().await;
        });
    });
}

#[test]
fn s10_no_process_outlives_a_parent_that_is_killed() {
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["processes::s10_parent", "--exact", "--nocapture"])
        .env(ROLE, "yes")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let pids = lines.map(Result::unwrap).find_map(|line| {
        line.strip_prefix("pids ").map(|pids| pids.split(' ').map(str::to_owned).collect())
    });
    let pids: Vec<String> = pids.expect("the parent says which processes run");
    assert!(pids.len() == 2 && pids.iter().all(|pid| runs(pid)));

    parent.kill().unwrap(); // SIGKILL
    parent.wait().unwrap();

    until_ended(&pids);
}

#[tokio::test(start_paused = true)]
async fn s10_a_paused_clock_does_not_cut_the_grace_short() {
    let log = Log::default();
    let script = "trap 'sleep 0.1; echo terminated; exit 0' TERM; echo ready; \
                  while :; do sleep 0.01; done";
    let command = shell(script, &log).grace(Duration::from_secs(30));
    let service = start_with(Scope::new("runner"), runner(command)).await.unwrap();
    until(&log, "ready").await;
    let report = service.stop().await;
    assert!(report.is_clean() && log.has("terminated"), "{report}: {:?}", log.lines());
}

#[test]
fn s10_a_runtime_without_io_is_an_error() {
    within(LIMIT, || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let started = runtime.block_on(async {
            let scope = Scope::new("runner");
            scope.process(ProcessCommand::new("true")).await
        });
        let error = started.expect_err("no process runs");
        assert_eq!(error.kind(), std::io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("enable_all"), "{error}");
    });
}

#[test]
fn s10_a_process_starts_on_the_runtime_of_its_app_whatever_polls() {
    within(LIMIT, || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let scope = runtime.block_on(async { Scope::new("runner") });
        let other = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let output = other.block_on(scope.output(ProcessCommand::new("echo").arg("hello")));
        assert_eq!(output.unwrap().stdout, b"hello\n");
    });
}

#[tokio::test]
async fn s10_a_process_has_the_id_that_the_system_knows() {
    let (scope, log) = (Scope::new("ids"), Log::default());
    let process = scope.process(shell("echo pid $$; sleep 1000", &log)).await.unwrap();
    let pid = until(&log, "pid ").await;
    assert_eq!(process.id().map(|id| id.to_string()), Some(pid));
    process.stop();
    assert!(within_async(LIMIT, process.ended()).await.is_some());
}

#[tokio::test]
async fn s10_a_process_that_is_stopped_and_ignores_sigterm_is_killed_after_its_grace() {
    let (scope, log) = (Scope::new("deaf"), Log::default());
    let script = "trap '' TERM; echo ready; while :; do sleep 1000; done";
    let process = scope.process(shell(script, &log).grace(SHORT)).await.unwrap();
    until(&log, "ready").await;
    process.stop();
    let status = within_async(LIMIT, process.ended()).await.unwrap();
    assert_eq!(status.signal(), Some(Signal::SIGKILL as i32));
}

#[tokio::test]
async fn s10_processes_whose_guard_was_killed_end_with_their_stop_and_with_their_future() {
    // The guard leads the group.
    const UNGUARDED: &str = "trap '' TERM; kill -KILL $(ps -o pgid= -p $$)";
    let (scope, log) = (Scope::new("unguarded"), Log::default());
    let script = format!("{UNGUARDED}; sleep 1000 & echo grandchild $!; echo child $$; wait");
    let process = scope.process(shell(&script, &log).grace(SHORT)).await.unwrap();
    let pids = [until(&log, "child ").await, until(&log, "grandchild ").await];
    process.stop();
    let status = within_async(LIMIT, process.ended()).await.unwrap();
    assert_eq!(status.signal(), Some(Signal::SIGKILL as i32));
    until_ended(&pids);

    let folder = tempfile::tempdir().unwrap();
    let script = format!("{UNGUARDED}; echo $$ > pid.new; mv pid.new pid; exec sleep 1000");
    let command = ProcessCommand::new("sh").args(["-c", &script]).current_dir(folder.path());
    let pid = folder.path().join("pid");
    tokio::select! {
        _ = scope.output(command) => panic!("it sleeps"),
        () = async { while !pid.exists() { tokio::task::yield_now().await } } => {}
    }
    until_ended(&[std::fs::read_to_string(pid).unwrap()]);
}
