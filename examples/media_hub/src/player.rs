//! [`PlayerService`]: the playback, as a model.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Mutex;

use futures_util::StreamExt;
use sprag::{Error, Result, prelude::*, state::Transaction};
use tracing::{debug, info};

use crate::length::length;
use crate::library::LibraryService;
use crate::options::Options;
use crate::shown::shown;
use crate::terminal::Terminal;
use crate::tv::{self, Length, Moment, Tv};

pub(crate) struct PlayerService {
    tv: Model<Tv>,
    library: Handle<LibraryService>,
    options: Config<Options>,
    terminal: Config<Terminal>,
    /// The playback as the clock has left it.
    seen: Mutex<Moment>,
}

#[service(own(tv))]
impl PlayerService {
    fn new(
        library: Handle<LibraryService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
    ) -> Self {
        let tv = create_model("tv", Tv::default());
        Self { tv, library, options, terminal, seen: Mutex::default() }
    }

    /// Shows the file and the pause. The position is not among the selected places, so a
    /// change of the position calls no subscriber.
    fn on_start(&self, scope: &Scope) {
        let places = (Tv::PATHS.playback.url, Tv::PATHS.playback.paused);
        let (terminal, options) = (self.terminal.clone(), self.options.clone());
        scope.own(self.tv.subscribe(places, move |(url, paused), _| {
            if let Some(url) = url {
                let path = shown(&options.folder.join(url));
                terminal.say(format!("{}: {path}", if *paused { "paused" } else { "now playing" }));
            }
        }));
    }

    /// The clock of the playback.
    #[interval("1s")]
    fn tick(&self) {
        let seen = self.seen.lock().unwrap().clone();
        self.write(|tv| tv::advance(tv, &seen));
        let now = self.tv.read(Tv::moment);
        if now != seen {
            debug!("the position is {} s", self.tv.get(Tv::PATHS.playback.position));
        }
        *self.seen.lock().unwrap() = now;
    }

    /// Finds out how long each file lasts once it plays, whoever has begun it.
    #[task]
    async fn measure(&self, scope: &Scope) {
        let mut files = self.tv.watch(Tv::PATHS.playback.url);
        let mut file = self.tv.get(Tv::PATHS.playback.url);
        loop {
            if let Some(url) = file {
                self.measure_one(url, scope).await;
            }
            match scope.until_cancelled(files.next()).await.flatten() {
                Some(next) => file = next,
                None => return,
            }
        }
    }

    async fn measure_one(&self, url: String, scope: &Scope) {
        let Some(path) = self.path_of(&url).await else { return };
        match length(&path, scope).await {
            Ok(Some(seconds)) => {
                info!("the file lasts {seconds} s");
                self.tv.set(Tv::PATHS.playback.length, Some(Length { url, seconds }));
            }
            Ok(None) => debug!("neither `ffprobe` nor the file says how long it lasts"),
            Err(error) => tracing::warn!("`ffprobe` failed: {error:#}"),
        }
    }

    /// The path of a file of the library. What browsers write leads nowhere else.
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
        self.write(|tv| tv::play(tv, shown(&file.path)));
        Ok(())
    }

    /// Pauses; a paused playback resumes.
    pub(crate) fn pause(&self) -> Result<()> {
        self.loaded()?;
        self.tv.update_at(Tv::PATHS.playback.paused, |paused| *paused = !*paused);
        Ok(())
    }

    /// Moves to a position, in seconds from the beginning.
    pub(crate) fn seek(&self, position: u64) -> Result<()> {
        self.loaded()?;
        self.tv.set(Tv::PATHS.playback.position, position);
        Ok(())
    }

    pub(crate) fn tv(&self) -> &Model<Tv> {
        &self.tv
    }

    fn write(&self, f: impl FnOnce(&mut Transaction<'_, Tv>)) {
        let Ok(()) = self.tv.transaction(|tv| {
            f(tv);
            Ok::<_, Infallible>(())
        });
    }

    fn loaded(&self) -> Result<()> {
        match self.tv.get(Tv::PATHS.playback.url) {
            Some(_) => Ok(()),
            None => Err(Error::msg("nothing is playing; `play N` starts a file")),
        }
    }
}
