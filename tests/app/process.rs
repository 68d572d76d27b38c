//! Each case in its own process: the test binary starts itself again and passes the role
//! in an environment variable. The child reports its steps through a socket, so that its
//! standard streams may be dead or stalled.

use std::io::{BufRead, BufReader, PipeReader, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sprag::prelude::*;

const ROLE: &str = "SPRAG_TEST_ROLE";
const SOCKET: &str = "SPRAG_TEST_SOCKET";

/// The child's end of the socket.
pub struct Stagehand {
    role: String,
    socket: Mutex<UnixStream>,
}

impl Stagehand {
    fn say(&self, line: &str) {
        writeln!(self.socket.lock().unwrap(), "{line}").unwrap();
    }

    fn plays(&self, role: &str) -> bool {
        self.role.contains(role)
    }
}

#[derive(Event, Clone)]
pub struct Reload;

pub struct Actor {
    hand: Config<Stagehand>,
}

#[service]
impl Actor {
    fn new(hand: Config<Stagehand>) -> Self {
        if hand.plays("blocks in new") {
            hand.say("starting");
            forever();
        }
        Self { hand }
    }

    async fn on_start(&self, scope: &Scope) -> Result<(), String> {
        let hand = self.hand.clone();
        scope.cleanup(move || hand.say("released"));
        if self.hand.plays("fails to start") {
            return Err("no disk".into());
        }
        if self.hand.plays("never starts") {
            self.hand.say("starting");
            std::future::pending::<()>().await;
        }
        if self.hand.plays("shuts down") {
            scope.shutdown();
        }
        Ok(())
    }

    #[task]
    async fn act(&self, scope: &Scope) -> Result<(), String> {
        self.hand.say("running");
        if self.hand.plays("gives 3") {
            scope.shutdown_with(3);
        }
        if self.hand.plays("fails at once") {
            return Err("disk full".into());
        }
        scope.cancelled().await;
        Ok(())
    }

    #[listen]
    fn reload(&self, _: &Reload) {
        self.hand.say("reloads");
    }

    fn on_stop(&self) -> Result<(), String> {
        self.hand.say("stopping");
        if self.hand.plays("hangs") {
            forever();
        }
        self.hand.say("stopped in order");
        if self.hand.plays("fails to stop") { Err("disk full".into()) } else { Ok(()) }
    }
}

fn forever() -> ! {
    loop {
        std::thread::park();
    }
}

app! { pub Stage(Stagehand) { Actor } }

/// The entry point of the child processes, and not a test of its own.
#[test]
fn the_child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let socket = UnixStream::connect(std::env::var(SOCKET).unwrap()).unwrap();
    let hand = |socket: &UnixStream| Stagehand {
        role: role.clone(),
        socket: Mutex::new(socket.try_clone().unwrap()),
    };
    if role.contains("logs") {
        // The default that most programs use.
        tracing_subscriber::fmt().init();
    }
    let stage = Stage::builder(hand(&socket));
    let code = if role.contains("reloads") {
        stage.on_hangup(Reload).run_on(tokio::runtime::Builder::new_current_thread().enable_all())
    } else {
        stage.run()
    };
    if role.contains("lingers") {
        hand(&socket).say("lingers");
        forever();
    }
    let code = [0, 3].into_iter().find(|&known| code == ExitCode::from(known)).unwrap_or(1);
    std::process::exit(i32::from(code));
}

/// How a process ended.
#[derive(Debug, PartialEq)]
pub enum Ended {
    Code(i32),
    Signal(Signal),
}

pub struct Process {
    child: Child,
    lines: BufReader<UnixStream>,
    _folder: tempfile::TempDir,
}

/// This program, with the default disposition of SIGHUP, which `nohup` replaces.
fn this_program() -> Command {
    let own = std::env::current_exe().unwrap();
    if !ignores_hangups() {
        return Command::new(own);
    }
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP").arg(own);
    command
}

fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // Bit 0 is signal 1, SIGHUP.
    ignored.is_some_and(|mask| mask.trim_end().ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']))
}

impl Process {
    pub fn new(role: &str) -> Self {
        Self::with_streams(role, Stdio::null(), Stdio::null())
    }

    pub fn with_streams(role: &str, out: Stdio, err: Stdio) -> Self {
        Self::spawn(role, this_program().stdout(out).stderr(err))
    }

    /// A process whose threads have a stack that the system cannot give, so that none is
    /// made, and the read end of its standard error.
    pub fn without_threads(role: &str) -> (Self, PipeReader) {
        let (reader, writer) = std::io::pipe().unwrap();
        let mut program = this_program();
        let program = program.env("RUST_MIN_STACK", (1_u64 << 47).to_string());
        (Self::spawn(role, program.stdout(Stdio::null()).stderr(writer)), reader)
    }

    fn spawn(role: &str, program: &mut Command) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let child = program
            .args(["--exact", "process::the_child", "--nocapture", "--test-threads=1"])
            .env(ROLE, role)
            .env(SOCKET, &path)
            .spawn()
            .unwrap();
        let (socket, _) = listener.accept().unwrap();
        // A process that hangs fails its test.
        socket.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        Self { child, lines: BufReader::new(socket), _folder: folder }
    }

    /// Waits until the process has said `line`.
    pub fn until(&mut self, line: &str) -> &mut Self {
        let found = (&mut self.lines).lines().any(|other| other.unwrap() == line);
        assert!(found, "the process ended without {line:?}");
        self
    }

    pub fn send(&mut self, signal: Signal) -> &mut Self {
        kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
        self
    }

    pub fn ended(&mut self) -> Ended {
        (&mut self.lines).lines().for_each(|line| _ = line.expect("the process ends"));
        let status = self.child.wait().unwrap();
        let signal = || Signal::try_from(status.signal().unwrap()).unwrap();
        status.code().map_or_else(|| Ended::Signal(signal()), Ended::Code)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A failed test leaves no process behind; one that has ended is fine.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
