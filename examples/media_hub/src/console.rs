//! [`ConsoleService`]: runs the commands of standard input.

use std::io::{self, BufRead, IsTerminal};
use std::ops::ControlFlow;

use sprag::{Result, prelude::*};
use tokio::sync::mpsc;
use tracing::info;

use crate::command::{Command, HELP};
use crate::library::LibraryService;
use crate::options::Options;
use crate::page::page;
use crate::player::PlayerService;
use crate::shown::{printable, shown};
use crate::storage::{LookAgain, MountChanged, StorageService};
use crate::summary::{caches, media, playback};
use crate::terminal::Terminal;

pub(crate) struct ConsoleService {
    storage: Handle<StorageService>,
    library: Handle<LibraryService>,
    player: Handle<PlayerService>,
    options: Config<Options>,
    terminal: Config<Terminal>,
    bus: Bus,
}

#[service]
impl ConsoleService {
    fn new(
        storage: Handle<StorageService>,
        library: Handle<LibraryService>,
        player: Handle<PlayerService>,
        options: Config<Options>,
        terminal: Config<Terminal>,
        bus: Bus,
    ) -> Self {
        Self { storage, library, player, options, terminal, bus }
    }

    /// Runs one command after the other, until `quit`, the end of the input, or a failed
    /// write to standard output. The end of the input does not end a hub that serves a
    /// page. A signal ends the task even in the middle of a command.
    #[task]
    async fn follow_input(&self, scope: &Scope) -> Result<()> {
        if io::stdin().is_terminal() {
            self.terminal.say(HELP);
        }
        let lines = read_input()?;
        tokio::select! {
            ended = scope.until_cancelled(self.run_commands(lines)) => {
                match ended {
                    Some(ControlFlow::Continue(())) if self.options.serve.is_some() => {}
                    Some(_) => scope.shutdown(),
                    None => {}
                }
            }
            () = self.terminal.failed() => {
                info!("standard output cannot be written");
                scope.shutdown();
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

    /// Breaks at `quit`, and continues at the end of the input.
    async fn run_commands(&self, mut lines: mpsc::Receiver<String>) -> ControlFlow<()> {
        while let Some(line) = lines.recv().await {
            self.run_line(&line).await?;
        }
        info!("the input has ended");
        ControlFlow::Continue(())
    }

    async fn run_line(&self, line: &str) -> ControlFlow<()> {
        match Command::read(line) {
            Ok(Command::Quit) => return ControlFlow::Break(()),
            Ok(command) => {
                if let Err(error) = self.obey(command).await {
                    self.terminal.say(format!("{error:#}"));
                }
            }
            Err(help) => self.terminal.say(printable(&help)),
        }
        ControlFlow::Continue(())
    }

    async fn obey(&self, command: Command) -> Result<()> {
        match command {
            Command::List(page) => self.list(page).await?,
            Command::Play(number) => self.player.get()?.play(number).await?,
            Command::Pause => self.player.get()?.pause().await?,
            Command::Seek(position) => self.player.get()?.seek(position).await?,
            Command::Status => self.status()?,
            Command::Look => self.bus.emit(LookAgain),
            Command::Rescan => self.library.get()?.cache().invalidate(),
            Command::Quit | Command::Nothing => {}
        }
        Ok(())
    }

    async fn list(&self, number: usize) -> Result<()> {
        let library = self.library.get()?.library().await?;
        for line in page(&library, number)? {
            self.terminal.say(line);
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

/// The lines of standard input; the channel closes at the end of the input.
///
/// A thread of its own reads the lines, and the stop does not wait for that thread: a
/// blocking read cannot be cancelled.
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
