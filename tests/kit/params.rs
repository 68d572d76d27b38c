//! The arguments of a test, by the types of its parameters.

use std::time::Duration;

use sprag::prelude::*;
use sprag::start_with;
use tokio::time::{Instant, sleep};

use super::services::{BrokenHub, Hub, Player};

#[sprag::test]
async fn a_test_has_a_bus_of_its_own(bus: Bus, same: &Bus, scope: Scope) {
    assert!(bus.is_same(same) && scope.bus().is_same(&bus));
    assert!(bus.is_same(&Bus::current()) && !bus.is_same(Bus::global()));
}

#[sprag::test(app = Hub::start())]
async fn a_test_has_the_bus_of_its_app(hub: &Hub, bus: Bus) {
    assert!(hub.is_ready() && hub.bus().is_same(&bus) && bus.is_same(&Bus::current()));
}

#[sprag::test(app = Hub::builder().start())]
async fn a_test_may_own_its_app(hub: Hub) {
    assert!(hub.handle::<Player>().is_available());
}

#[sprag::test]
async fn a_scope_starts_a_service(scope: Scope) {
    assert_eq!(scope.name(), "a_scope_starts_a_service");
    let player = start_with(scope.clone(), Player::new(&scope)).await.unwrap();
    assert!(player.stop().await.is_clean());
}

#[sprag::test]
async fn what_a_test_drops_is_stopped_and_waited_for(scope: Scope) {
    let player = start_with(scope.clone(), Player::new(&scope)).await.unwrap();
    tokio::spawn(async {});
    drop(player);
}

#[sprag::test(paused)]
async fn a_paused_clock_passes_an_hour_at_once() {
    let began = Instant::now();
    sleep(Duration::from_secs(3_600)).await;
    assert_eq!(began.elapsed().as_secs(), 3_600);
}

#[sprag::test]
async fn a_test_may_return_a_result(scope: &Scope) -> sprag::Result<()> {
    let player = start_with(scope.clone(), Player::new(scope)).await?;
    player.get()?;
    player.stop().await;
    Ok(())
}

#[sprag::test(app = BrokenHub::start(), unclean)]
async fn a_test_may_end_unclean(hub: &BrokenHub) {
    assert!(hub.is_alive());
}

mod renamed {
    use sprag as server_state;

    #[server_state::test(crate = server_state)]
    async fn sprag_may_have_another_name(_bus: server_state::Bus) {}
}
