//! A test's panic names everything that the test leaves behind.

use std::future::pending;
use std::mem::forget;
use std::sync::LazyLock;

use sprag::prelude::*;
use sprag::start_with;

#[derive(Event)]
#[event("kit:moved")]
struct Moved;

use super::services::{Broken, BrokenHub, Hub, Player, Refused};

#[sprag::test]
#[should_panic(expected = "`kit::leaks::a_task_that_stays_is_found` left something behind:\n\
                           - 1 task still runs")]
async fn a_task_that_stays_is_found() {
    tokio::spawn(pending::<()>());
}

#[sprag::test]
#[should_panic(expected = "- service `lobby` still runs")]
async fn a_service_that_stays_is_found(bus: Bus) {
    assert!(bus.is_same(&Bus::current()));
    let scope = Scope::new("lobby");
    let player = Player::new(&scope);
    forget(start_with(scope, player).await.unwrap());
}

#[sprag::test]
#[should_panic(expected = "- 2 listeners of `kit:moved` are subscribed")]
async fn listeners_that_stay_are_found(bus: Bus) {
    forget(bus.on(|_: &Moved| ()));
    let cache = create_cache::<u32>("kit").bus(&bus).depends_on::<Moved>().build().unwrap();
    forget(cache);
}

#[sprag::test]
#[should_panic(expected = "- 1 listener of `kit:changed` is subscribed")]
async fn a_listener_of_a_topic_that_stays_is_found(bus: Bus) {
    let model = create_model("kit", 0_u64);
    forget(bus.on_topic(&model.changed(), |_| ()));
}

#[sprag::test]
#[should_panic(expected = "`kit::leaks::a_state_that_stays_is_found` left something behind:\n\
                           - state `kit volume`, with 2 subscriptions, was not dropped\n\
                           - state `kit titles` was not dropped")]
async fn a_state_that_stays_is_found() {
    let volume = create_store("kit volume", 3_u8);
    volume.subscribe(|_, _| ()).detach();
    forget(volume.subscribe(|_, _| ()));
    drop(volume.subscribe(|_, _| ()));
    forget(volume);
    forget(create_model("kit titles", 0_u64));
    drop(create_store("kit dropped", 3_u8));
}

#[sprag::test]
#[should_panic(expected = "- cache `kit drives` was not dropped\n\
                           - cache `kit covers` was not dropped")]
async fn a_cache_that_stays_is_found() {
    forget(create_cache::<u32>("kit drives").build().unwrap());
    forget(create_keyed_cache::<u32, u32>("kit covers").build().unwrap());
    drop(create_cache::<u32>("kit dropped").build().unwrap());
}

#[sprag::test]
#[should_panic(expected = "- state `kit shared` was not dropped")]
async fn a_state_in_a_static_counts_as_left() {
    static SHARED: LazyLock<Store<u8>> = LazyLock::new(|| create_store("kit shared", 3));
    assert_eq!(*SHARED.get(), 3);
}

#[sprag::test(statics)]
async fn a_test_may_keep_its_states() {
    static KEPT: LazyLock<Store<u8>> = LazyLock::new(|| create_store("kit kept", 3));
    assert_eq!(*KEPT.get(), 3);
}

#[sprag::test]
#[should_panic(expected = "- service `Player` still runs")]
async fn an_app_that_stays_is_found() {
    forget(Hub::start().await.unwrap());
}

#[sprag::test]
#[should_panic(expected = "- service `Player` still runs\n- child `Player/one` still runs")]
async fn a_child_that_stays_is_found() {
    let hub = Hub::start().await.unwrap();
    let player = hub.handle::<Player>().get().unwrap();
    player.scope().child("one", Player::new).await.unwrap();
    forget(hub);
}

#[sprag::test(app = BrokenHub::start())]
#[should_panic(expected = "on_stop failed")]
async fn a_stop_that_fails_is_found(hub: &BrokenHub) {
    assert!(hub.is_alive());
}

#[sprag::test]
#[should_panic(expected = "no screen")]
async fn a_stop_that_fails_after_a_drop_is_found(scope: Scope) {
    drop(start_with(scope, Broken::new()).await.unwrap());
}

#[sprag::test]
async fn a_task_that_ends_by_itself_is_not_left() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    tokio::spawn(async { tokio::task::spawn_blocking(move || released.recv()).await });
    std::thread::spawn(move || drop(release));
}

#[sprag::test]
#[should_panic(expected = "because service `a_service_that_fails_unseen_is_found` failed: lost")]
async fn a_service_that_fails_unseen_is_found(scope: Scope) {
    let failing = scope.clone();
    let player = start_with(scope.clone(), Player::new(&scope)).await.unwrap();
    failing.spawn(async { Err::<(), _>("lost") }).unwrap();
    failing.stopping().await;
    drop(player);
}

#[sprag::test]
async fn a_report_that_the_test_has_read_is_its_own(scope: Scope) {
    let failing = scope.clone();
    let player = start_with(scope.clone(), Player::new(&scope)).await.unwrap();
    failing.spawn(async { Err::<(), _>("lost") }).unwrap();
    assert!(!player.stopped().await.is_clean());
}

#[sprag::test(within = "1ms", paused)]
#[should_panic(expected = "`kit::leaks::a_test_that_waits_forever_is_named` hangs: not done")]
async fn a_test_that_waits_forever_is_named() {
    pending::<()>().await;
}

#[sprag::test(within = "1ms")]
#[should_panic(expected = "`kit::leaks::a_test_that_blocks_its_thread_is_named` hangs: not done")]
async fn a_test_that_blocks_its_thread_is_named() {
    std::sync::Barrier::new(2).wait();
}

#[sprag::test]
#[should_panic(expected = "the test's own panic")]
async fn a_panic_comes_before_the_leaks() {
    tokio::spawn(pending::<()>());
    panic!("the test's own panic");
}

#[sprag::test]
async fn a_start_that_fails_has_its_report_in_the_error(scope: Scope) {
    let error = start_with(scope, Refused).await.unwrap_err();
    assert!(!error.report().unwrap().is_clean());
}
