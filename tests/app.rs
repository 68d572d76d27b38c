use sprag::{Result, prelude::*};
use std::sync::Arc;

#[derive(Debug, Default)]
pub struct MediaConfig;
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

#[derive(Event, Clone)]
#[event("storage:mount_changed")]
struct MountChanged {
    mounts: u32,
}

pub struct MediaService {
    playback: Store<u64>,
    storage: Handle<StorageService>,
}
#[service(own(playback), depends_on(Migrations))]
impl MediaService {
    async fn new(storage: Handle<StorageService>, config: Config<MediaConfig>) -> Result<Self> {
        println!("{config:?}");
        Ok(Self { playback: create_store("x", 1), storage })
    }
    async fn on_start(&self, scope: &Scope) -> Result<()> {
        println!("{scope:?}");
        Ok(())
    }
    #[listen]
    fn mount_changed(&self, event: &MountChanged) {
        println!("{}", event.mounts);
    }
    #[interval("60s")]
    async fn rescan(&self) {
        println!("{:?}", self.storage.get().is_ok());
    }
    #[task]
    async fn follow(&self, scope: &Scope) {
        scope.cancelled().await;
    }
    #[health]
    fn health(&self) -> Health {
        Health::degraded("why")
    }
    async fn on_stop(&self) {
        println!("stop");
    }
    pub fn play(&self, n: u64) {
        println!("play {n}");
        self.playback.update(|x| *x = n);
    }
}
app! { pub MediaHub(MediaConfig) { StorageService, Migrations, MediaService } }

#[tokio::test]
async fn section_one() -> Result<()> {
    let hub = MediaHub::start(MediaConfig::default()).await?;
    hub.handle::<MediaService>().get()?.play(3);
    hub.bus().emit(MountChanged { mounts: 3 });
    println!("{:?}", hub.health().await);
    let report = hub.stop().await;
    println!("{report}");
    assert!(report.is_clean());
    let _x: Arc<u8> = Arc::new(1);
    Ok(())
}
