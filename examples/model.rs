//! A model: nested state that is read, written and watched by typed paths.
//!
//! ```text
//! cargo run --example model
//! ```

use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Tv {
    playback: Playback,
    casting: bool,
    /// The position at which the user left each film.
    left_at: std::collections::BTreeMap<String, u64>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Playback {
    url: Option<String>,
    position: u64,
}

fn main() {
    let tv = create_model("tv", Tv::default());

    // Called when this place has changed, and only then.
    let _now_playing = tv.subscribe(Tv::PATHS.playback.url, |url, change| {
        println!("version {}, now playing: {url:?}", change.version());
    });

    // `Tv::PATHS.playback.urll` does not compile, and neither does a number here.
    tv.set(Tv::PATHS.playback.url, Some("/media/movie.mp4".into()));
    println!("the url is {:?}", tv.get(Tv::PATHS.playback.url));

    // Writes of the position do not call the subscriber of the url.
    tv.update_at(Tv::PATHS.playback.position, |position| *position += 1);
    tv.update(|tv| tv.playback.position += 1);
    println!("{} is {}", Tv::PATHS.playback.position, tv.get(Tv::PATHS.playback.position));

    // A shallow merge at the root, in one commit.
    let next = Playback { url: Some("/media/new.mp4".into()), position: 0 };
    tv.patch(TvPatch::new().casting(true).playback(next));

    // A place that may be absent reads as an `Option`, and a write there can fail.
    tv.insert(Tv::PATHS.left_at, "movie.mp4", 1_800);
    println!("left at {:?}", tv.get(Tv::PATHS.left_at.key("movie.mp4")));
    if let Err(absent) = tv.set(Tv::PATHS.left_at.key("other.mp4"), 60) {
        println!("refused: {absent}");
    }

    // Several writes, one commit; an error undoes all of them.
    let refused: Result<(), &str> = tv.transaction(|tx| {
        tx.set(Tv::PATHS.playback.url, None);
        tx.set(Tv::PATHS.casting, false);
        Err("somebody is watching")
    });
    println!("{refused:?}; still {:?}", tv.get(Tv::PATHS.playback.url));
}
