//! Parameters of `new` beyond plain handles: optional services, all services of a trait.

use sprag::error::StartError;
use sprag::prelude::*;

pub trait Plugin: Send + Sync {
    fn title(&self) -> &'static str;
}

pub struct Subtitles;

#[service]
impl Subtitles {
    fn new() -> Self {
        Self
    }
}

impl Plugin for Subtitles {
    fn title(&self) -> &'static str {
        "subtitles"
    }
}

pub struct Lyrics;

#[service]
impl Lyrics {
    fn new() -> Self {
        Self
    }
}

impl Plugin for Lyrics {
    fn title(&self) -> &'static str {
        "lyrics"
    }
}

pub struct Player {
    lyrics: Option<Handle<Lyrics>>,
    titles: Vec<&'static str>,
}

#[service]
impl Player {
    fn new(lyrics: Option<Handle<Lyrics>>, plugins: Vec<Handle<dyn Plugin>>) -> Result<Self> {
        // `new` is called after the plugins have started.
        let titles = plugins.iter().map(|plugin| Ok(plugin.get()?.title()));
        Ok(Self { lyrics, titles: titles.collect::<Result<_>>()? })
    }
}

use sprag::Result;

app! { All { Player, Subtitles as dyn Plugin, Lyrics as dyn Plugin } }
app! { One { Player, Subtitles as dyn Plugin } }
app! { Alone { Player } }

#[tokio::test]
async fn s2_a_vec_has_all_services_of_a_trait_and_waits_for_them() {
    let app = All::start().await.unwrap();
    let player = app.handle::<Player>();
    assert_eq!(player.get().unwrap().titles, ["subtitles", "lyrics"]);
    assert!(player.get().unwrap().lyrics.is_some());
    let report = app.stop().await;
    let order: Vec<&str> = report.services().iter().map(|service| service.name()).collect();
    assert_eq!(order[0], "Player", "it depends on its plugins, so it stops first");
}

#[tokio::test]
async fn s2_an_option_is_none_without_the_service() {
    let one = One::start().await.unwrap();
    assert!(one.handle::<Player>().get().unwrap().lyrics.is_none());
    assert_eq!(one.handle::<Player>().get().unwrap().titles, ["subtitles"]);
    one.stop().await;
    let alone = Alone::start().await.unwrap();
    assert!(alone.handle::<Player>().get().unwrap().titles.is_empty());
    alone.stop().await;
}

pub struct Cat;

#[service]
impl Cat {
    fn new(_dog: Option<Handle<Dog>>) -> Self {
        Self
    }
}

pub struct Dog;

#[service]
impl Dog {
    fn new(_cat: Handle<Cat>) -> Self {
        Self
    }
}

app! { Chase { Cat, Dog } }

#[tokio::test]
async fn s3_a_cycle_through_an_optional_service_is_found_at_the_start() {
    let error = Chase::start().await.unwrap_err();
    assert!(
        matches!(&error, StartError::Cycle { cycle } if cycle == "Cat -> Dog -> Cat"),
        "{error}"
    );
}

pub struct Lonely;

#[service]
impl Lonely {
    fn new(others: Vec<Handle<Self>>) -> Self {
        assert!(others.len() == 1, "the list has the service itself");
        Self
    }
}

app! { Mirror { Lonely } }

#[tokio::test]
async fn a_service_that_is_in_its_own_list_does_not_wait_for_itself() {
    let app = Mirror::start().await.unwrap();
    assert!(app.stop().await.is_clean());
}
