//! [`Tv`]: the playback and the queue, which the console, the browsers and the player
//! write.

use serde::{Deserialize, Serialize};
use sprag::{prelude::*, state::Transaction};

/// The playback, the queue and the volume.
#[derive(Model, Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Tv {
    pub(crate) playback: Playback,
    /// The urls of the files that play next.
    #[model(browser = "write")]
    pub(crate) queue: Vec<String>,
    /// In per cent.
    #[model(browser = "write")]
    pub(crate) volume: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Playback {
    /// The path of the file, relative to the folder, as text.
    #[model(browser = "write")]
    pub(crate) url: Option<String>,
    /// In seconds from the beginning of the file.
    #[model(browser = "write")]
    pub(crate) position: u64,
    #[model(browser = "write")]
    pub(crate) paused: bool,
    /// Found after the file has begun to play.
    pub(crate) length: Option<Length>,
}

/// How long a file lasts.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Length {
    /// The file's url: a length that comes late may belong to an earlier file.
    pub(crate) url: String,
    pub(crate) seconds: u64,
}

/// The file and the position at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Moment {
    url: Option<String>,
    position: u64,
}

/// The maximal length of the queue.
const QUEUE: usize = 100;
/// The maximal length of a url, in bytes.
const URL: usize = 4096;

impl Default for Tv {
    fn default() -> Self {
        Self { playback: Playback::default(), queue: Vec::new(), volume: 40 }
    }
}

impl Tv {
    pub(crate) fn moment(&self) -> Moment {
        Moment { url: self.playback.url.clone(), position: self.playback.position }
    }

    /// Checks the state after a browser's write; the error is the sentence that the browser
    /// shows.
    pub(crate) fn check(&self) -> Result<(), String> {
        let Self { playback, queue, volume } = self;
        let is_long = |url: &String| url.len() > URL;
        let position = playback.position;
        match () {
            () if *volume > 100 => Err("The volume is at most 100.".to_owned()),
            () if queue.len() > QUEUE => Err(format!("The queue has room for {QUEUE} files.")),
            () if queue.iter().chain(&playback.url).any(is_long) => {
                Err("The name of the file is too long.".to_owned())
            }
            () if playback.length().is_some_and(|length| position > length) => {
                Err("The file is not that long.".to_owned())
            }
            () => Ok(()),
        }
    }
}

impl Playback {
    /// The length of the playing file, in seconds, if it is known.
    pub(crate) fn length(&self) -> Option<u64> {
        let Length { url, seconds } = self.length.as_ref()?;
        (self.url.as_ref() == Some(url)).then_some(*seconds)
    }
}

/// Plays a file from its beginning.
pub(crate) fn play(tv: &mut Transaction<'_, Tv>, url: String) {
    tv.patch_at(Tv::PATHS.playback, PlaybackPatch::new().url(Some(url)).position(0).paused(false));
}

/// Whether the playback runs and was not moved since `seen`.
pub(crate) fn moves(tv: &Tv, seen: &Moment) -> bool {
    tv.playback.url.is_some() && !tv.playback.paused && tv.moment() == *seen
}

/// Advances the playback by a second, unless it was moved since `seen`.
///
/// Several hubs with one state therefore advance it once: a late hub does nothing, and when
/// a hub ends, another one continues.
pub(crate) fn advance(tv: &mut Transaction<'_, Tv>, seen: &Moment) {
    if !moves(tv.state(), seen) {
        return;
    }
    let next = tv.state().playback.position + 1;
    match tv.state().playback.length() {
        Some(length) if next >= length => end(tv, length),
        _ => {
            tv.set(Tv::PATHS.playback.position, next);
        }
    }
}

/// Plays the first file of the queue, or stays at the end of this one.
fn end(tv: &mut Transaction<'_, Tv>, length: u64) {
    match tv.state().queue.first().cloned() {
        Some(url) => {
            tv.update_at(Tv::PATHS.queue, |queue| queue.remove(0));
            play(tv, url);
        }
        None => {
            let at_the_end = PlaybackPatch::new().position(length).paused(true);
            tv.patch_at(Tv::PATHS.playback, at_the_end);
        }
    }
}
