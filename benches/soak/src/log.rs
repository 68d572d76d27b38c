//! Models on logs in one folder, life after life: each life ends by a close, a drop or a kill, and
//! the next one finds what was acknowledged (L1), once (L2).

mod crowd;
mod tally;
mod victim;

use std::path::Path;
use std::thread::Scope;
use std::time::{Duration, Instant};

use sprag_log::{File, FileError};

use self::tally::{Counts, Found};
pub(crate) use self::victim::{VICTIM, write_until_killed};
use crate::findings::{Counter, Findings};

/// The length of a life.
const LIFE: Duration = Duration::from_millis(1_500);

type Outcome<V> = Result<V, Box<dyn std::error::Error + Send + Sync>>;

/// How a life ends.
#[derive(Clone, Copy)]
enum Ending {
    /// All writers have ended, and the models are stopped.
    Closed,
    /// The handles are dropped while writers write.
    Dropped,
    /// The process is killed.
    Killed,
}

const ENDINGS: [Ending; 3] = [Ending::Closed, Ending::Dropped, Ending::Killed];

/// Lives with one folder until the round is over.
pub(crate) fn load<'scope>(scope: &'scope Scope<'scope, '_>, findings: &'static Findings) {
    scope.spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let outcome = runtime.map_err(Into::into).and_then(|rt| rt.block_on(round(findings)));
        if let Err(error) = outcome {
            eprintln!("the log: {error}");
            findings.add(Counter::Lost, 1);
        }
    });
}

async fn round(findings: &'static Findings) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let mut acknowledged = Counts::default();
    let mut lives = ENDINGS.into_iter().cycle();
    // How many more of each writer the next life may find.
    let mut in_flight = 0;
    while !findings.is_over() {
        let ending = lives.next().expect("a cycle has no end");
        let ends = Instant::now() + LIFE;
        let found = Found { findings, acknowledged, in_flight };
        (acknowledged, in_flight) = match ending {
            Ending::Closed => (crowd::close(folder.path(), found, ends).await?, 0),
            Ending::Dropped => (crowd::drop_all(folder.path(), found, ends).await?, 1),
            Ending::Killed => (victim::kill(folder.path(), found, ends).await?, 1),
        };
        findings.add(Counter::Lives, 1);
    }
    let found = Found { findings, acknowledged, in_flight };
    crowd::close(folder.path(), found, Instant::now()).await?;
    Ok(())
}

/// Opens the folder once the life before has let go of it: models that are dropped hold the
/// folder until their last writes are in it.
async fn opened(folder: &Path) -> Outcome<File> {
    let patience = Instant::now() + Duration::from_secs(10);
    loop {
        match File::open(folder) {
            Err(FileError::InUse { .. }) if Instant::now() < patience => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            opened => return Ok(opened?),
        }
    }
}
