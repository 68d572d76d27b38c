//! Services: they start in the order of their dependencies, own their resources, and
//! release them when they stop.
//!
//! ```text
//! cargo run --example service
//! ```

use std::time::Duration;

use sprag::{Result, prelude::*};

/// The value that the app receives at its start.
#[derive(Debug)]
struct MediaConfig {
    folder: &'static str,
}

#[derive(Event, Clone, Debug)]
#[event("storage:mount_changed")]
struct MountChanged {
    mounts: usize,
}

struct StorageService {
    mounts: Store<usize>,
    bus: Bus,
}

#[service(own(mounts))]
impl StorageService {
    fn new(bus: Bus) -> Self {
        println!("storage: new");
        Self { mounts: create_store("mounts", 1), bus }
    }

    fn on_stop(&self) {
        println!("storage: on_stop");
    }

    fn mount(&self) {
        let mounts = self.mounts.update(|mounts| {
            *mounts += 1;
            *mounts
        });
        self.bus.emit(MountChanged { mounts });
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Playback {
    url: Option<String>,
    position: u64,
}

struct MediaService {
    playback: Model<Playback>,
    storage: Handle<StorageService>,
    config: Config<MediaConfig>,
}

// `own`: released at the stop. The handle in `new` is a dependency: storage starts first
// and stops last. An app without storage does not compile.
#[service(own(playback))]
impl MediaService {
    async fn new(storage: Handle<StorageService>, config: Config<MediaConfig>) -> Result<Self> {
        println!("media: new, with {config:?}");
        let playback = create_model("playback", Playback::default());
        Ok(Self { playback, storage, config })
    }

    async fn on_start(&self, scope: &Scope) {
        // The scope releases the subscription when the service stops.
        scope.own(self.playback.subscribe(Playback::PATHS.url, |url, _| {
            println!("media: now playing {url:?}");
        }));
        println!("media: on_start, storage is there: {}", self.storage.is_available());
    }

    #[listen]
    fn mount_changed(&self, event: &MountChanged) {
        println!("media: {} mounts", event.mounts);
    }

    #[interval("10ms")]
    fn advance(&self) {
        self.playback.update_at(Playback::PATHS.position, |position| *position += 1);
    }

    #[task]
    async fn follow(&self, scope: &Scope) {
        scope.cancelled().await;
        println!("media: the task ends");
    }

    #[health]
    fn health(&self) -> Health {
        match self.playback.get(Playback::PATHS.url) {
            Some(_) => Health::Healthy,
            None => Health::degraded("nothing to play"),
        }
    }

    fn play(&self, number: u32) {
        let url = format!("{}/{number}.mp4", self.config.folder);
        self.playback.set(Playback::PATHS.url, Some(url));
    }
}

// The order of the lines does not matter.
app! { MediaHub(MediaConfig) { MediaService, StorageService } }

#[tokio::main]
async fn main() -> Result<()> {
    let hub = MediaHub::start(MediaConfig { folder: "/media" }).await?;
    println!("{}", hub.health().await.status());

    hub.handle::<MediaService>().get()?.play(3);
    hub.handle::<StorageService>().get()?.mount();
    println!("{}", hub.health().await.status());
    tokio::time::sleep(Duration::from_millis(50)).await;

    let media = hub.handle::<MediaService>();
    println!("{}", hub.stop().await);
    // A handle outlives its service and reports that the service does not run.
    if let Err(error) = media.get() {
        println!("{error}");
    }
    Ok(())
}
