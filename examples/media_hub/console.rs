//! [`ConsoleService`]: runs the commands of standard input until its end.

use std::io::{self, BufRead, IsTerminal};

use sprag::{Result, prelude::*};
use tokio::sync::mpsc;
use tracing::info;

use crate::command::{Command, HELP};
use crate::library::LibraryService;
use crate::player::PlayerService;
use crate::shown::shown;
use crate::storage::{LookAgain, MountChanged, StorageService};
use crate::summary::{caches, media, playback};
use crate::terminal::Terminal;

pub(crate) struct ConsoleService {
    storage: Handle<StorageService>,
    library: Handle<LibraryService>,
    player: Handle<PlayerService>,
    terminal: Config<Terminal>,
    bus: Bus,
}

#[service]
impl ConsoleService {
    fn new(
        storage: Handle<StorageService>,
        library: Handle<LibraryService>,
        player: Handle<PlayerService>,
        terminal: Config<Terminal>,
        bus: Bus,
    ) -> Self {
        Self { storage, library, player, terminal, bus }
    }

    /// Runs one command after the other. Ctrl-C also ends a command that is running.
    #[task]
    async fn follow_input(&self, scope: &Scope) -> Result<()> {
        if io::stdin().is_terminal() {
            self.terminal.say(HELP);
        }
        let mut lines = read_input()?;
        while let Some(line) = scope.until_cancelled(lines.recv()).await {
            let Some(line) = line else {
                info!("the input has ended");
                scope.shutdown();
                break;
            };
            match Command::read(&line) {
                Ok(Command::Quit) => {
                    scope.shutdown();
                    break;
                }
                Ok(command) => {
                    if let Some(Err(error)) = scope.until_cancelled(self.obey(command)).await {
                        self.terminal.say(format!("{error:#}"));
                    }
                }
                Err(help) => self.terminal.say(help),
            }
        }
        Ok(())
    }

    #[listen]
    fn mount_changed(&self, event: &MountChanged) {
        for path in &event.mounted {
            self.terminal.say(format!("mounted: {}", shown(path)));
        }
        for path in &event.unmounted {
            self.terminal.say(format!("unmounted: {}", shown(path)));
        }
    }

    async fn obey(&self, command: Command) -> Result<()> {
        match command {
            Command::List => self.list().await?,
            Command::Play(number) => self.player.get()?.play(number).await?,
            Command::Pause => self.player.get()?.pause()?,
            Command::Seek(position) => self.player.get()?.seek(position)?,
            Command::Status => self.status()?,
            Command::Look => self.bus.emit(LookAgain),
            Command::Rescan => self.library.get()?.cache().invalidate(),
            Command::Quit | Command::Nothing => {}
        }
        Ok(())
    }

    async fn list(&self) -> Result<()> {
        let library = self.library.get()?.library().await?;
        for (number, file) in library.files() {
            self.terminal.say(format!("{number:4}  {}  ({})", shown(&file.path), file.mime));
        }
        self.terminal.say(media(&library));
        Ok(())
    }

    fn status(&self) -> Result<()> {
        let (library, storage) = (self.library.get()?, self.storage.get()?);
        self.terminal.say(self.player.get()?.tv().read(|tv| playback(&tv.playback)));
        let media = library.ready().map(|library| media(&library));
        self.terminal.say(media.unwrap_or_else(|| "the folder is being scanned".to_owned()));
        for (name, counts) in caches(&storage, &library) {
            self.terminal.say(format!("cache {name}: {counts}"));
        }
        Ok(())
    }
}

/// The lines of standard input; the channel closes at its end.
///
/// A detached thread reads the lines: a read cannot be cancelled, and it must delay
/// neither the runtime nor the stop.
fn read_input() -> io::Result<mpsc::Receiver<String>> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::Builder::new().name("input".to_owned()).spawn(move || {
        for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
            if sender.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                break;
            }
        }
    })?;
    Ok(lines)
}
