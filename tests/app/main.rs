//! Apps as a whole: section 1 of the design as it is written there, and processes
//! that are sent signals.
#![cfg(feature = "service")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

mod section_one {
    use sprag::{Result, prelude::*};

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub struct Playback {
        pub url: Option<String>,
        pub position: u64,
    }

    #[derive(Event)]
    #[event("storage:mount_changed")]
    pub struct MountChanged {
        pub mounts: usize,
    }

    #[derive(Debug, Default)]
    pub struct MediaConfig {
        pub start_at: u64,
    }

    pub struct StorageService;

    #[service]
    impl StorageService {
        fn new() -> Self {
            Self
        }
    }

    pub struct Migrations;

    #[service]
    impl Migrations {
        async fn new() -> Result<Self> {
            Ok(Self)
        }
    }

    pub struct MediaService {
        playback: Model<Playback>,
        mounts: Store<usize>,
        storage: Handle<StorageService>,
    }

    #[service(own(playback, mounts), depends_on(Migrations))]
    impl MediaService {
        async fn new(storage: Handle<StorageService>, config: Config<MediaConfig>) -> Result<Self> {
            let playback = Playback { position: config.start_at, ..Playback::default() };
            let playback = create_model("playback", playback);
            Ok(Self { playback, mounts: create_store("mounts", 0), storage })
        }

        async fn on_start(&self, scope: &Scope) -> Result<()> {
            self.storage.get()?;
            let position = self.playback.clone();
            scope.cleanup(move || {
                position.set(Playback::PATHS.position, 0);
            });
            Ok(())
        }

        #[listen]
        fn mount_changed(&self, event: &MountChanged) {
            self.mounts.update(|mounts| *mounts = event.mounts);
        }

        #[interval("60s")]
        async fn rescan(&self) {
            self.mounts.update(|mounts| *mounts += 1);
        }

        #[task]
        async fn follow(&self, scope: &Scope) {
            scope.cancelled().await;
        }

        #[health]
        fn health(&self) -> Health {
            match *self.mounts.get() {
                0 => Health::degraded("nothing is mounted"),
                _ => Health::Healthy,
            }
        }

        async fn on_stop(&self) {
            self.playback.set(Playback::PATHS.url, None);
        }

        pub fn play(&self, n: u64) {
            self.playback.set(Playback::PATHS.url, Some(format!("/media/{n}.mp4")));
        }
    }

    app! { pub MediaHub(MediaConfig) { StorageService, Migrations, MediaService } }

    #[tokio::test]
    async fn works_as_it_is_written() -> Result<()> {
        let hub = MediaHub::start(MediaConfig::default()).await?;
        assert_eq!(
            hub.health().await.status(),
            Health::degraded("`MediaService`: nothing is mounted")
        );
        hub.handle::<MediaService>().get()?.play(3);
        hub.bus().emit(MountChanged { mounts: 2 });
        let playback = hub.handle::<MediaService>().get()?.playback.clone();
        assert_eq!(playback.get(Playback::PATHS.url), Some("/media/3.mp4".into()));
        assert!(hub.health().await.status().is_healthy());

        let report = hub.stop().await;

        assert!(report.is_clean(), "{report}");
        assert!(hub.handle::<MediaService>().get().is_err());
        assert_eq!(playback.get(Playback::PATHS.url), None);
        Ok(())
    }

    #[test]
    fn run_owns_the_runtime_and_gives_the_exit_code() {
        // A `main` would return this.
        let _main: fn() -> std::process::ExitCode = || MediaHub::run(MediaConfig::default());
    }
}

/// A process of its own for each case: this test binary again, told by the
/// environment what to be.
#[cfg(unix)]
mod processes {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use sprag::prelude::*;

    const ROLE: &str = "SPRAG_TEST_ROLE";

    pub struct Actor {
        role: String,
    }

    #[service]
    impl Actor {
        fn new(role: Config<String>) -> Self {
            Self { role: role.to_string() }
        }

        async fn on_start(&self, scope: &Scope) -> Result<(), String> {
            match self.role.as_str() {
                "fails to start" => Err("no disk".into()),
                "never starts" => {
                    println!("\nstarting");
                    scope.cleanup(|| println!("\nrolled back"));
                    std::future::pending().await
                }
                "shuts down" => {
                    scope.shutdown();
                    Ok(())
                }
                _ => Ok(()),
            }
        }

        #[task]
        async fn act(&self, scope: &Scope) -> Result<(), String> {
            println!("\nrunning");
            if self.role == "fails" {
                return Err("disk full".into());
            }
            scope.cancelled().await;
            Ok(())
        }

        fn on_stop(&self) {
            println!("\nstopping");
            if self.role == "hangs" {
                loop {
                    std::thread::park();
                }
            }
            println!("\nstopped in order");
        }
    }

    app! { pub Stage(String) { Actor } }

    /// Not a test by itself: what the child processes run.
    #[test]
    fn the_child() {
        if let Ok(role) = std::env::var(ROLE) {
            let code = Stage::run(role);
            std::process::exit(i32::from(code != ExitCode::SUCCESS));
        }
    }

    struct Process {
        child: Child,
        lines: BufReader<ChildStdout>,
    }

    impl Process {
        fn new(role: &str) -> Self {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes::the_child", "--nocapture", "--test-threads=1"])
                .env(ROLE, role)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap());
            Self { child, lines }
        }

        /// Waits until the process has printed `line`.
        fn until(&mut self, line: &str) -> &mut Self {
            let found = (&mut self.lines).lines().any(|other| other.unwrap() == line);
            assert!(found, "the process ended without {line:?}");
            self
        }

        fn send(&mut self, signal: Signal) -> &mut Self {
            kill(Pid::from_raw(self.child.id().cast_signed()), signal).unwrap();
            self
        }

        fn code(&mut self) -> Option<i32> {
            self.child.wait().unwrap().code()
        }
    }

    impl Drop for Process {
        fn drop(&mut self) {
            // A failed test leaves no process behind; one that has ended is fine.
            drop(self.child.kill());
            drop(self.child.wait());
        }
    }

    #[test]
    fn s7_the_first_signal_stops_gracefully() {
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let mut process = Process::new("plays");
            process.until("running").send(signal).until("stopping").until("stopped in order");
            assert_eq!(process.code(), Some(0), "{signal}");
        }
    }

    #[test]
    fn s7_a_signal_during_the_start_rolls_it_back() {
        let mut process = Process::new("never starts");
        process.until("starting").send(Signal::SIGINT).until("rolled back");
        assert_eq!(process.code(), Some(0));
    }

    #[test]
    fn s7_the_second_signal_ends_the_process_at_once_whatever_the_hooks_do() {
        let mut process = Process::new("hangs");
        process.until("running").send(Signal::SIGTERM).until("stopping").send(Signal::SIGINT);
        assert_eq!(process.code(), Some(130));
    }

    #[test]
    fn s7_the_exit_code_tells_a_failure_from_a_stop_that_was_asked_for() {
        assert_eq!(Process::new("shuts down").code(), Some(0));
        assert_eq!(Process::new("fails").code(), Some(1));
        assert_eq!(Process::new("fails to start").code(), Some(1));
    }
}
