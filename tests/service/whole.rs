//! The constructor that stops what it starts: `run_until` of an app's type.

use sprag::prelude::*;

pub struct Player {
    title: Config<String>,
}

#[service]
impl Player {
    fn new(title: Config<String>) -> Self {
        Self { title }
    }
}

app! { Hub(String) { Player } }

#[tokio::test]
async fn s6_run_until_passes_the_app_and_stops_it() {
    let body = async |hub: &Hub| {
        let player = hub.handle::<Player>();
        (player.get().unwrap().title.to_string(), player)
    };
    let ((title, player), report) = Hub::run_until("Alien".to_owned(), body).await.unwrap();
    assert_eq!(title, "Alien");
    assert!(report.is_clean(), "{report}");
    assert!(!player.is_available());
}
