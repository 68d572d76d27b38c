//! S9: how services and apps say that they are.

use std::io;
use std::sync::Mutex;

use sprag::prelude::*;

use super::edges::Disk;

pub struct Moody {
    how: Config<Mutex<Health>>,
}

#[service]
impl Moody {
    fn new(how: Config<Mutex<Health>>) -> Self {
        Self { how }
    }

    #[health]
    async fn health(&self) -> Result<Health, io::Error> {
        match &*self.how.lock().unwrap() {
            Health::Unhealthy(why) if why == "error" => Err(io::Error::other("cannot tell")),
            Health::Unhealthy(why) if why == "panic" => panic!("ill"),
            health => Ok(health.clone()),
        }
    }
}

app! { pub Clinic(Mutex<Health>) { Moody, Disk } }

#[tokio::test]
async fn s9_an_app_is_as_well_as_its_worst_service() {
    let app = Clinic::start(Mutex::new(Health::Healthy)).await.unwrap();
    assert_eq!(app.health().await.status(), Health::Healthy);
    let moody = app.handle::<Moody>();
    for (health, said) in [
        (Health::degraded("slow"), Health::degraded("`Moody`: slow")),
        (Health::unhealthy("error"), Health::unhealthy("`Moody`: cannot tell")),
        (Health::unhealthy("panic"), Health::unhealthy("`Moody`: its health check panicked: ill")),
    ] {
        *moody.get().unwrap().how.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = health;
        assert_eq!(app.health().await.status(), said);
        assert_eq!(app.health().await.service("Disk"), Some(&Health::Healthy));
        moody.get().unwrap().how.clear_poison();
    }
    app.stop().await;
    assert_eq!(app.health().await.service("Disk"), Some(&Health::unhealthy("it is not running")));
}
