//! [`PlayerService`]: the playback, as a model.

use std::path::Path;
use std::sync::Mutex;

use futures_util::StreamExt;
use sprag::{Error, Result, prelude::*, state::Transaction};
use tracing::{debug, info, warn};

use crate::length::length;
use crate::library::LibraryService;
use crate::options::Options;
use crate::screen::Screen;
use crate::shown::shown;
use crate::terminal::Terminal;
use crate::tv::{self, Length, Moment, Tv};

pub(crate) struct PlayerService {
    tv: Screen,
    library: Handle<LibraryService>,
    options: Config<Options>,
    terminal: Config<Terminal>,
    /// The playback after the last tick of the clock.
    seen: Mutex<Moment>,
}

#[service(own(tv))]
impl PlayerService {
    async fn new(
        library: Handle<LibraryService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
    ) -> Result<Self> {
        let tv = Screen::open(&options.memory).await?;
        let seen = Mutex::new(tv.read(Tv::moment));
        Ok(Self { tv, library, options, terminal, seen })
    }

    /// Shows the file and the pause. The position is not among the selected places, so a
    /// change of the position calls no subscriber.
    fn on_start(&self, scope: &Scope) {
        let places = (Tv::PATHS.playback.url, Tv::PATHS.playback.paused);
        let (terminal, options) = (self.terminal.clone(), self.options.clone());
        let show = move |url: &Option<String>, paused: bool| {
            if let Some(url) = url {
                let path = shown(&options.folder.join(url));
                terminal.say(format!("{}: {path}", if paused { "paused" } else { "now playing" }));
            }
        };
        // Shows the remembered playback.
        self.tv.read(|tv| show(&tv.playback.url, tv.playback.paused));
        scope.own(self.tv.subscribe(places, move |(url, paused), _| show(url, *paused)));
    }

    /// The clock of the playback.
    #[interval("1s")]
    async fn tick(&self) -> Result<()> {
        let seen = self.seen.lock().unwrap().clone();
        if self.tv.read(|tv| tv::moves(tv, &seen)) {
            let seen = seen.clone();
            self.tv.write(move |tv| tv::advance(tv, &seen)).await?;
        }
        let now = self.tv.read(Tv::moment);
        if now != seen {
            debug!("the position is {} s", self.tv.get(Tv::PATHS.playback.position));
        }
        *self.seen.lock().unwrap() = now;
        Ok(())
    }

    /// Finds the length of each file that begins to play, whichever hub or browser started
    /// it.
    #[task]
    async fn measure(&self, scope: &Scope) {
        let mut files = self.tv.watch(Tv::PATHS.playback.url);
        let mut file = self.tv.get(Tv::PATHS.playback.url);
        loop {
            if let Some(url) = file
                && let Err(error) = self.measure_one(url, scope).await
            {
                warn!("the length of the file is not known: {error:#}");
            }
            match scope.until_cancelled(files.next()).await.flatten() {
                Some(next) => file = next,
                None => return,
            }
        }
    }

    async fn measure_one(&self, url: String, scope: &Scope) -> Result<()> {
        let Some(path) = self.path_of(&url).await else { return Ok(()) };
        let Some(seconds) = length(&path, scope).await? else {
            debug!("neither `ffprobe` nor the file says how long it lasts");
            return Ok(());
        };
        info!("the file lasts {seconds} s");
        let length = Length { url, seconds };
        let keep = move |tv: &mut Transaction<'_, Tv>| {
            tv.set(Tv::PATHS.playback.length, Some(length.clone()));
        };
        self.tv.write(keep).await
    }

    /// The path of a file of the library. A browser's write cannot lead to another file.
    async fn path_of(&self, url: &str) -> Option<std::path::PathBuf> {
        let library = self.library.get().ok()?.library().await.ok()?;
        let is_it = |path: &Path| shown(path) == url;
        let (_, file) = library.files().find(|(_, file)| is_it(&file.path))?;
        Some(self.options.folder.join(&file.path))
    }

    /// Plays the `number`th file of the library from its beginning.
    pub(crate) async fn play(&self, number: usize) -> Result<()> {
        let library = self.library.get()?.library().await?;
        let Some((_, file)) = library.files().find(|(at, _)| *at == number) else {
            let count = library.files().count();
            let message = format!("file {number} does not exist; the library has {count} files");
            return Err(Error::msg(message));
        };
        let url = shown(&file.path);
        self.tv.write(move |tv| tv::play(tv, url.clone())).await
    }

    /// Pauses; a paused playback resumes.
    pub(crate) async fn pause(&self) -> Result<()> {
        self.loaded()?;
        let pause = |tv: &mut Transaction<'_, Tv>| {
            tv.update_at(Tv::PATHS.playback.paused, |paused| *paused = !*paused);
        };
        self.tv.write(pause).await
    }

    /// Moves to a position, in seconds from the beginning.
    pub(crate) async fn seek(&self, position: u64) -> Result<()> {
        self.loaded()?;
        let seek = move |tv: &mut Transaction<'_, Tv>| {
            tv.set(Tv::PATHS.playback.position, position);
        };
        self.tv.write(seek).await
    }

    pub(crate) fn tv(&self) -> &Screen {
        &self.tv
    }

    /// Waits until the last write is stored.
    async fn on_stop(&self) {
        self.tv.stop().await;
    }

    fn loaded(&self) -> Result<()> {
        match self.tv.get(Tv::PATHS.playback.url) {
            Some(_) => Ok(()),
            None => Err(Error::msg("nothing is playing; `play N` starts a file")),
        }
    }
}
