//! S1: what a service owns is released with it, last first.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;
use sprag::{View, start_with};

use super::support::*;

pub struct Owner {
    log: Log,
    first: Owned,
    second: Owned,
}

#[service(own(first, second))]
impl Owner {
    fn new(log: Config<Log>, scope: &Scope) -> Self {
        scope.own(Owned::new(&log, "made in new"));
        let (first, second) = (Owned::new(&log, "first"), Owned::new(&log, "second"));
        Self { log: (*log).clone(), first, second }
    }

    fn on_start(&self, scope: &Scope) {
        scope.own(Owned::new(&self.log, "owned"));
        scope.adopt(Owned::new(&self.log, "adopted"));
        let log = self.log.clone();
        scope.cleanup(move || log.say("cleanup"));
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.log.say(format!("{} and {} go", self.first.name, self.second.name));
    }
}

app! { pub Owners(Log) { Owner } }

#[tokio::test]
async fn s1_all_is_released_last_first_and_the_fields_are_the_bottom() {
    let log = Log::default();
    let app = Owners::start(log.clone()).await.unwrap();
    assert_eq!(log.lines(), Vec::<String>::new());

    let report = app.stop().await;

    assert!(report.is_clean(), "{report}");
    assert_eq!(
        log.lines(),
        [
            "cleanup",
            "drop adopted",
            "release owned",
            "drop owned",
            "release made in new",
            "drop made in new",
            "release second",
            "release first",
            "first and second go",
            "drop first",
            "drop second",
        ]
    );
}

#[test]
fn s1_lists_are_released_last_first_and_options_and_pointers_release_what_they_hold() {
    let log = Log::default();
    let owned = |name| Owned::new(&log, name);
    vec![owned("first"), owned("second")].release();
    Some(owned("option")).release();
    None::<Owned>.release();
    Box::new(owned("box")).release();
    Arc::new(owned("arc")).release();
    let released: Vec<_> = log.lines().into_iter().filter(|line| line.starts_with("rel")).collect();
    let names = ["second", "first", "option", "box", "arc"];
    assert_eq!(released, names.map(|name| format!("release {name}")));
}

#[tokio::test]
async fn s1_primitives_are_released_with_their_service() {
    pub struct Counter {
        count: Store<u64>,
    }
    #[service(own(count))]
    impl Counter {
        fn new() -> Self {
            Self { count: create_store("count", 0) }
        }
    }
    let heard = Arc::new(AtomicUsize::new(0));
    let service = start_with(Scope::new("counter"), Counter::new()).await.unwrap();
    let count = service.get().unwrap().count.clone();
    let counted = Arc::clone(&heard);
    let count_up = move |_: &Arc<u64>, _: &Change<'_, Store<u64>>| {
        counted.fetch_add(1, Ordering::SeqCst);
    };
    count.subscribe(count_up).detach();
    count.update(|count| *count += 1);
    assert_eq!(heard.load(Ordering::SeqCst), 1);

    service.stop().await;

    count.update(|count| *count += 1);
    assert_eq!(heard.load(Ordering::SeqCst), 1, "the store was destroyed with its service");
}

pub struct Screen {
    position: View<u64>,
}

#[service(own(position))]
impl Screen {
    fn new(position: Config<View<u64>>) -> Self {
        Self { position: (*position).clone() }
    }
}

app! { pub Screens(View<u64>) { Screen } }

#[tokio::test]
async fn s1_d8_a_view_is_owned_and_its_model_outlives_the_service() {
    let model = create_model("position", 0_u64);
    let app = Screens::start(model.view()).await.unwrap();
    let view = app.handle::<Screen>().get().unwrap().position.clone();
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&heard);
    let _subscription = view.subscribe(
        |position: &u64| *position,
        move |_, _| {
            counted.fetch_add(1, Ordering::SeqCst);
        },
    );

    let report = app.stop().await;
    model.replace(7);

    assert!(report.is_clean(), "{report}");
    assert_eq!(heard.load(Ordering::SeqCst), 1, "a view has nothing to release");
    assert_eq!(*view.snapshot(), 7);
}

#[tokio::test]
async fn s1_a_resource_added_after_the_release_is_released_at_once() {
    pub struct Plain;
    #[service]
    impl Plain {
        fn new() -> Self {
            Self
        }
    }
    let (log, scope) = (Log::default(), Scope::new("plain"));
    let service = start_with(scope.clone(), Plain::new()).await.unwrap();
    service.stop().await;

    scope.own(Owned::new(&log, "late"));

    assert_eq!(log.lines(), ["release late", "drop late"]);
}

#[tokio::test]
async fn s1_a_scope_that_was_never_started_with_releases_when_it_is_dropped() {
    let (log, scope) = (Log::default(), Scope::new("unused"));
    scope.own(Owned::new(&log, "one"));
    scope.own(Owned::new(&log, "two"));

    drop(scope);

    assert_eq!(log.lines(), ["release two", "drop two", "release one", "drop one"]);
}
