//! Users' code line by line: section 1 of the design, and a typed counterpart of every
//! snippet of the page that the project grew from.

#![cfg(feature = "service")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sprag::{Result, prelude::*};

/// The printed lines, in place of standard output.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<String>>>);

impl Printed {
    fn line(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Section 1: typed paths, a store, a cache, a service, an app.
#[expect(unreachable_pub, reason = "the design's own lines")]
mod section_1 {
    use super::*;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub struct Tv {
        pub playback: Playback,
        pub casting: bool,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub struct Playback {
        pub url: Option<String>,
        pub position: u64,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    pub struct Connections {
        pub count: u64,
        pub active: Vec<String>,
    }

    #[test]
    fn a_model_by_typed_paths() {
        let printed = Printed::default();
        let tv = create_model("tv", Tv::default());

        let out = printed.clone();
        let now_playing = tv.subscribe(Tv::PATHS.playback.url, move |url, _change| {
            out.line(format!("Now playing: {url:?}"));
        });
        tv.set(Tv::PATHS.playback.url, Some("/media/movie.mp4".into()));
        let url: Option<String> = tv.get(Tv::PATHS.playback.url);
        tv.patch(TvPatch::new().casting(true));
        tv.update(|tv| tv.playback.position += 1);
        tv.update_at(Tv::PATHS.playback.position, |p| *p += 1);
        drop(now_playing);

        assert_eq!(url.as_deref(), Some("/media/movie.mp4"));
        assert_eq!(printed.take(), ["Now playing: Some(\"/media/movie.mp4\")"]);
        assert!(tv.get(Tv::PATHS.casting));
        assert_eq!(tv.get(Tv::PATHS.playback.position), 2);
        assert_eq!(Tv::PATHS.playback.url.to_string(), "playback.url");
    }

    #[test]
    fn a_store() {
        let printed = Printed::default();
        let connections = create_store("connections", Connections::default());

        let out = printed.clone();
        let _s = connections.subscribe(move |snapshot, _store| out.line(format!("{snapshot:?}")));
        connections.set(ConnectionsPatch::new().count(1));
        connections.update(|draft| draft.count += 1);
        let out = printed.clone();
        let on_change = move |snapshot: &Arc<Connections>, _: &Change<'_, Store<Connections>>| {
            out.line(format!("now {}", snapshot.count));
        };
        let _s = connections.subscribe_now(on_change);

        let expected = [
            "Connections { count: 1, active: [] }",
            "Connections { count: 2, active: [] }",
            "now 2",
        ];
        assert_eq!(printed.take(), expected);
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Drive(pub String);

    #[derive(Event, Clone, Debug)]
    #[event("storage:mount_changed")]
    pub struct MountChanged {
        pub mounts: usize,
    }

    #[test]
    fn a_cache() -> Result<()> {
        let scans = AtomicU32::new(0);
        let scan_drives = || {
            scans.fetch_add(1, Ordering::Relaxed);
            vec![Drive("/".into())]
        };

        let drives = create_cache::<Vec<Drive>>("contract drives")
            .ttl(Duration::from_secs(300))
            .depends_on::<MountChanged>()
            .build()?;
        let list = drives.get_or_compute(scan_drives);

        assert_eq!(list, [Drive("/".into())]);
        assert_eq!(drives.get_or_compute(scan_drives), list);
        assert_eq!(scans.load(Ordering::Relaxed), 1);
        Bus::global().emit(MountChanged { mounts: 2 });
        assert_eq!(drives.get(), None);
        Ok(())
    }

    #[derive(Default)]
    pub struct MediaConfig {
        pub log: Log,
    }

    #[derive(Clone, Default)]
    pub struct Log(Arc<Mutex<Vec<&'static str>>>);

    impl Log {
        fn note(&self, what: &'static str) {
            self.0.lock().unwrap().push(what);
        }

        fn has(&self, what: &str) -> bool {
            self.0.lock().unwrap().contains(&what)
        }
    }

    pub struct StorageService;

    #[service]
    impl StorageService {
        async fn new() -> Result<Self> {
            Ok(Self)
        }
    }

    pub struct Migrations;

    #[service]
    impl Migrations {
        fn new(config: Config<MediaConfig>) -> Self {
            config.log.note("migrated");
            Self
        }
    }

    pub struct MediaService {
        playback: Model<Playback>,
        drives: Cache<Vec<Drive>>,
        storage: Handle<StorageService>,
        log: Log,
    }

    #[service(own(playback, drives), depends_on(Migrations))]
    impl MediaService {
        async fn new(storage: Handle<StorageService>, config: Config<MediaConfig>) -> Result<Self> {
            config.log.note("created");
            Ok(Self {
                playback: create_model("playback", Playback::default()),
                drives: create_cache("drives").depends_on::<MountChanged>().build()?,
                storage,
                log: config.log.clone(),
            })
        }

        async fn on_start(&self, scope: &Scope) -> Result<()> {
            assert!(scope.name().contains("MediaService"));
            self.log.note("started");
            Ok(())
        }

        #[listen]
        fn mount_changed(&self, event: &MountChanged) {
            assert_eq!(event.mounts, 3);
            self.log.note("heard");
        }

        #[interval("60s")]
        async fn rescan(&self) {
            self.log.note("rescanned");
        }

        #[task]
        async fn follow(&self, scope: &Scope) {
            scope.cancelled().await;
            self.log.note("followed");
        }

        #[health]
        fn health(&self) -> Health {
            if self.storage.is_available() {
                Health::Healthy
            } else {
                Health::unhealthy("the storage is away")
            }
        }

        async fn on_stop(&self) {
            self.log.note("stopped");
        }
    }

    impl MediaService {
        pub fn play(&self, n: u64) {
            self.playback.set(Playback::PATHS.position, n);
        }
    }

    app! { pub MediaHub(MediaConfig) { StorageService, Migrations, MediaService } }

    #[tokio::test]
    async fn services_and_an_app() -> Result<()> {
        let log = Log::default();

        let hub = MediaHub::start(MediaConfig { log: log.clone() }).await?;
        hub.handle::<MediaService>().get()?.play(3);
        let media = hub.handle::<MediaService>();
        let (playback, drives) = {
            let media = media.get()?;
            (media.playback.clone(), media.drives.clone())
        };
        assert_eq!(playback.get(Playback::PATHS.position), 3);
        drives.set(vec![Drive("/".into())]);
        hub.bus().emit(MountChanged { mounts: 3 });
        assert_eq!(drives.get(), None, "the event invalidated it");
        assert_eq!(hub.health().await.status(), Health::Healthy);

        let heard = playback.subscribe(Playback::PATHS.url, |_, _| unreachable!("it is released"));
        let report = hub.stop().await;

        assert!(report.is_clean(), "{report}");
        assert!(media.get().is_err());
        playback.set(Playback::PATHS.url, Some("after the stop".into()));
        drop(heard);
        let order = ["migrated", "created", "started", "heard", "stopped", "followed"];
        for what in order {
            assert!(log.has(what), "{what}");
        }
        Ok(())
    }

    #[test]
    fn run_owns_the_runtime_and_gives_the_exit_code() {
        // A service requests the stop, since this test receives no signal.
        struct Once;

        #[service]
        impl Once {
            fn new() -> Self {
                Self
            }

            #[task]
            async fn finish(&self, scope: &Scope) {
                scope.shutdown();
            }
        }

        app! { Brief { Once } }

        assert_eq!(Brief::run(), std::process::ExitCode::SUCCESS);
    }
}

/// The original page's snippets, in its order.
mod original_page {
    use super::*;

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Connections {
        count: u64,
        active: Vec<String>,
    }

    #[test]
    fn create_store_read_write_mutate() {
        let connections = create_store("connections", Connections::default());

        let snapshot = connections.get();
        connections.set(ConnectionsPatch::new().count(1));
        connections.update(|draft| draft.count += 1);

        assert_eq!((snapshot.count, connections.get().count), (0, 2));
    }

    #[test]
    fn store_subscriptions_on_change_and_immediate() {
        let connections = create_store("connections", Connections::default());
        let printed = Printed::default();

        let out = printed.clone();
        let _each = connections.subscribe(move |snapshot, _| out.line(snapshot.count.to_string()));
        let out = printed.clone();
        let _now = connections.subscribe_now(move |snapshot, _| {
            out.line(format!("immediate {}", snapshot.count));
        });
        connections.set(ConnectionsPatch::new().count(1));

        let mut lines = printed.take();
        lines.sort();
        assert_eq!(lines, ["1", "immediate 0", "immediate 1"]);
    }

    #[test]
    fn store_events_on_the_bus() -> Result<()> {
        let bus = Bus::new();
        let connections = create_store("connections", Connections::default());
        connections.emit_events(&bus)?;
        let printed = Printed::default();
        let out = printed.clone();
        let _on = bus.on_topic(&connections.changed(), move |changed| {
            out.line(format!("{}: {}", changed.name, changed.state.count));
        });

        connections.set(ConnectionsPatch::new().count(1));

        assert_eq!(connections.changed().name(), "connections:changed");
        assert_eq!(printed.take(), ["connections: 1"]);
        Ok(())
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Tv {
        playback: Playback,
        casting: bool,
    }

    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Playback {
        url: Option<String>,
        position: u64,
    }

    #[test]
    fn create_model_paths_and_a_bulk_patch() {
        let tv = create_model("tv", Tv::default());

        tv.set(Tv::PATHS.playback.url, Some("/media/movie.mp4".into()));
        let url = tv.get(Tv::PATHS.playback.url);
        tv.patch(
            TvPatch::new()
                .casting(true)
                .playback(Playback { url: Some("/media/new.mp4".into()), position: 0 }),
        );

        assert_eq!(url.as_deref(), Some("/media/movie.mp4"));
        assert!(tv.get(Tv::PATHS.casting));
        assert_eq!(tv.get(Tv::PATHS.playback.url).as_deref(), Some("/media/new.mp4"));
    }

    #[test]
    fn selector_subscriptions_fire_only_when_the_value_changes() {
        let tv = create_model("tv", Tv::default());
        let printed = Printed::default();
        let out = printed.clone();
        let _now_playing = tv.subscribe(
            |tv: &Tv| tv.playback.url.clone(),
            move |value, _| out.line(format!("Now playing: {value:?}")),
        );

        tv.set(Tv::PATHS.playback.position, 7);
        tv.set(Tv::PATHS.playback.url, Some("/a".into()));

        assert_eq!(printed.take(), ["Now playing: Some(\"/a\")"]);
    }

    #[derive(Event)]
    #[event("storage:mount_changed")]
    struct MountChanged;

    #[test]
    fn create_cache_compute_invalidate_and_depend() -> Result<()> {
        let bus = Bus::new();
        let drives = create_cache::<Vec<String>>("drives")
            .ttl(Duration::from_secs(300))
            .depends_on::<MountChanged>()
            .bus(&bus)
            .build()?;
        let printed = Printed::default();
        let out = printed.clone();
        let _on = bus.on_topic(&drives.invalidated(), move |event| {
            out.line(format!("{}:invalidated", event.name));
        });
        let scan_drives = || vec!["/".to_owned()];

        let result = drives.get_or_compute(scan_drives);
        drives.invalidate();
        assert_eq!(drives.get(), None);
        drives.get_or_compute(scan_drives);
        bus.emit(MountChanged);
        assert_eq!(drives.get(), None);

        assert_eq!(result, ["/"]);
        assert_eq!(drives.invalidated().name(), "drives:invalidated");
        assert_eq!(printed.take(), ["drives:invalidated", "drives:invalidated"]);
        Ok(())
    }

    struct MediaService {
        playback: Model<Playback>,
    }

    #[service(own(playback))]
    impl MediaService {
        fn new() -> Self {
            Self { playback: create_model("playback", Playback::default()) }
        }
    }

    app! { Hub { MediaService } }

    #[tokio::test]
    async fn the_resources_of_a_service_are_released_when_it_stops() -> Result<()> {
        let captured = Arc::new(());
        let held = Arc::clone(&captured);
        let hub = Hub::start().await?;
        let playback = hub.handle::<MediaService>().get()?.playback.clone();
        playback.subscribe(Playback::PATHS.url, move |_, _| drop(Arc::clone(&held))).detach();

        assert!(hub.stop().await.is_clean());

        assert_eq!(Arc::strong_count(&captured), 1);
        Ok(())
    }
}
