//! Section 1 of the design, as it is written there.

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
    assert_eq!(hub.health().await.status(), Health::degraded("`MediaService`: nothing is mounted"));
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
