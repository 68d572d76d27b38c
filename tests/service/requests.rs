//! S6: requests to stop: their origins, several at once, and events in between.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;
use sprag::{app::StopReason, start_with};
use test_support::within;
use tokio::sync::Notify;

use super::start::How;
use super::stop::{Order, Orderly};
use super::support::*;

#[tokio::test]
async fn s6_concurrent_stops_share_one_result() {
    let log = Log::default();
    let app = Order::start(log.clone()).await.unwrap();
    let (first, second) = tokio::join!(app.stop(), app.stop());
    let third = app.stop().await;
    assert_eq!(first.took(), second.took());
    assert_eq!(first.took(), third.took());
    assert_eq!(log.lines().iter().filter(|line| line.starts_with("on_stop")).count(), 1);
    assert!(matches!(third.reason(), StopReason::Requested));
}

#[tokio::test]
async fn s6_dropping_the_stop_does_not_stop_the_stop() {
    let log = Log::default();
    let app = Order::start(log.clone()).await.unwrap();
    drop(app.stop());
    let report = app.stopped().await;
    assert!(matches!(report.reason(), StopReason::Requested));
    assert!(log.has("drop owned"));
}

#[tokio::test]
async fn s6_dropping_the_app_requests_a_stop() {
    let log = Log::default();
    let app = Order::start(log.clone()).await.unwrap();
    let handle = app.handle::<Orderly>();
    assert!(handle.is_available());

    drop(app);

    while !log.has("drop owned") {
        tokio::task::yield_now().await;
    }
    let unavailable = handle.get().err().unwrap();
    assert_eq!(unavailable.to_string(), "service `Orderly` is not running");
}

#[test]
fn s6_when_the_runtime_ends_first_every_waiter_gets_the_report_and_all_is_released() {
    within(LIMIT, || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let log = Log::default();
        let app = runtime.block_on(Order::start(log.clone())).unwrap();
        let other = tokio::runtime::Builder::new_current_thread().build().unwrap();

        runtime.shutdown_background();

        let report = other.block_on(app.stopped());
        assert!(matches!(report.reason(), StopReason::RuntimeEnded), "{report}");
        assert!(log.has("drop owned"));
        assert!(matches!(other.block_on(app.stop()).reason(), StopReason::RuntimeEnded));
        assert!(!app.is_ready());
    });
}

#[tokio::test]
async fn s6_a_service_requests_the_stop_of_its_app() {
    pub struct Quitter;
    #[service]
    impl Quitter {
        fn new() -> Self {
            Self
        }
        #[task]
        async fn quit(&self, scope: &Scope) {
            scope.shutdown();
        }
    }
    app! { pub Quits { Quitter } }
    let app = Quits::start().await.unwrap();
    let report = app.stopped().await;
    assert!(
        matches!(report.reason(), StopReason::Shutdown { service, .. } if &**service == "Quitter"),
        "{report}"
    );
}

#[tokio::test]
async fn s6_a_service_whose_task_fails_or_panics_stops_the_app() {
    pub struct Fails {
        how: How,
        go: Arc<Notify>,
    }
    #[service]
    impl Fails {
        fn new(how: Config<How>, go: Config<Arc<Notify>>) -> Self {
            Self { how: *how, go: (*go).clone() }
        }
        #[task]
        async fn work(&self) -> io::Result<()> {
            self.go.notified().await;
            match self.how {
                How::Fail => Err(io::Error::other("disk full")),
                _ => panic!("boom"),
            }
        }
    }
    app! { pub Doomed(How, Arc<Notify>) { Fails } }
    for (how, text) in [(How::Fail, "disk full"), (How::Panic, "panicked: boom")] {
        let go = Arc::new(Notify::new());
        let app = Doomed::start(how, Arc::clone(&go)).await.unwrap();
        go.notify_one();
        let report = app.stopped().await;
        let StopReason::Failed { service, error } = report.reason() else { panic!("{report}") };
        assert_eq!((&**service, error.to_string().as_str()), ("Fails", text));
    }
}

#[test]
fn s6_nothing_slips_between_a_spawn_and_the_stop() {
    within(LIMIT, || {
        pub struct Plain;
        #[service]
        impl Plain {
            fn new() -> Self {
                Self
            }
        }
        struct Running(Arc<AtomicUsize>);
        impl Drop for Running {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::SeqCst);
            }
        }
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for _ in 0..50 {
            let running = Arc::new(AtomicUsize::new(0));
            let _inside = runtime.enter();
            let scope = Scope::new("plain");
            let service = runtime.block_on(async { start_with(scope.clone(), Plain::new()).await });
            let service = service.unwrap();
            let spawners: Vec<_> = (0..4)
                .map(|_| {
                    let (scope, running) = (scope.clone(), Arc::clone(&running));
                    std::thread::spawn(move || {
                        loop {
                            running.fetch_add(1, Ordering::SeqCst);
                            let (guard, inner) = (Running(Arc::clone(&running)), scope.clone());
                            let task = scope.spawn(async move {
                                let _guard = guard;
                                inner.cancelled().await;
                            });
                            if let Err(stopped) = task {
                                assert_eq!(stopped.service(), "plain");
                                return;
                            }
                        }
                    })
                })
                .collect();
            runtime.block_on(service.stop());
            spawners.into_iter().for_each(|spawner| spawner.join().unwrap());
            assert_eq!(
                running.load(Ordering::SeqCst),
                0,
                "every task has ended, every refused one too"
            );
            assert!(scope.listen(|_: &Poked| ()).is_err());
        }
    });
}
