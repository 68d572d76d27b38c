//! [`PlayerService`]: the playback, as a model.

use serde::Serialize;
use sprag::{Error, Result, prelude::*};
use tracing::debug;

use crate::library::LibraryService;
use crate::options::Options;
use crate::shown::shown;
use crate::terminal::Terminal;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Tv {
    pub(crate) playback: Playback,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Playback {
    /// The path of the file.
    pub(crate) url: Option<String>,
    /// In seconds from the beginning of the file.
    pub(crate) position: u64,
    pub(crate) paused: bool,
}

pub(crate) struct PlayerService {
    tv: Model<Tv>,
    library: Handle<LibraryService>,
    options: Config<Options>,
    terminal: Config<Terminal>,
    #[cfg(unix)]
    scope: Scope,
}

#[service(own(tv))]
impl PlayerService {
    fn new(
        library: Handle<LibraryService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
        #[cfg(unix)] scope: &Scope,
    ) -> Self {
        Self {
            tv: create_model("tv", Tv::default()),
            library,
            options,
            terminal,
            #[cfg(unix)]
            scope: scope.clone(),
        }
    }

    /// Shows the file and the pause. The position is not among the selected places, so a
    /// change of the position calls no subscriber.
    fn on_start(&self, scope: &Scope) {
        let places = (Tv::PATHS.playback.url, Tv::PATHS.playback.paused);
        let terminal = self.terminal.clone();
        scope.own(self.tv.subscribe(places, move |(url, paused), _| {
            if let Some(url) = url {
                terminal.say(format!("{}: {url}", if *paused { "paused" } else { "now playing" }));
            }
        }));
    }

    #[interval("1s")]
    fn advance(&self) {
        if self.is_playing() {
            let position = self.tv.update_at(Tv::PATHS.playback.position, |position| {
                *position += 1;
                *position
            });
            debug!("the position is {position} s");
        }
    }

    fn is_playing(&self) -> bool {
        self.tv.read(|tv| tv.playback.url.is_some() && !tv.playback.paused)
    }

    /// Plays the `number`th file of the library from its beginning.
    pub(crate) async fn play(&self, number: usize) -> Result<()> {
        let library = self.library.get()?.library().await?;
        let Some((_, file)) = library.files().find(|(at, _)| *at == number) else {
            let count = library.files().count();
            let message = format!("file {number} does not exist; the library has {count} files");
            return Err(Error::msg(message));
        };
        let path = self.options.folder.join(&file.path);
        let url = shown(&path);
        let patch = PlaybackPatch::new().url(Some(url)).position(0).paused(false);
        self.tv.patch_at(Tv::PATHS.playback, patch);
        #[cfg(unix)]
        self.log_length(&path).await;
        Ok(())
    }

    #[cfg(unix)]
    async fn log_length(&self, path: &std::path::Path) {
        match crate::probe::length(path, &self.scope).await {
            Ok(Some(seconds)) => tracing::info!("the file lasts {seconds:.0} s"),
            Ok(None) => debug!("without `ffprobe` nobody knows how long the file lasts"),
            Err(error) => tracing::warn!("`ffprobe` failed: {error:#}"),
        }
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

    fn loaded(&self) -> Result<()> {
        match self.tv.get(Tv::PATHS.playback.url) {
            Some(_) => Ok(()),
            None => Err(Error::msg("nothing is playing; `play N` starts a file")),
        }
    }
}
