//! The length of a file. `ffprobe` finds the length, in a child process that ends with its
//! service. Without `ffprobe`, or if `ffprobe` fails, the length comes from the tags of the
//! file.

use std::path::Path;

use lofty::file::AudioFile;
use sprag::{Result, service::Scope};
use tokio::task::spawn_blocking;

#[cfg(unix)]
use crate::shown::printable;

/// The length in seconds, at least 1; `None` if it cannot be found, and the error of
/// `ffprobe` if the tags have no length either.
pub(crate) async fn length(file: &Path, scope: &Scope) -> Result<Option<u64>> {
    let length = match probed(file, scope).await {
        Ok(Some(length)) => Some(length),
        Ok(None) => tagged(file).await?,
        Err(error) => Some(tagged(file).await?.ok_or(error)?),
    };
    // No file is so long that a float cannot count its seconds one by one.
    Ok(length.map(|seconds| seconds.ceil().max(1.0) as u64))
}

/// The length in the tags of the file, which most music and MP4 films have.
async fn tagged(file: &Path) -> Result<Option<f64>> {
    let file = file.to_owned();
    let tagged = spawn_blocking(move || lofty::read_from_path(file)).await?;
    Ok(tagged.ok().and_then(|file| possible(file.properties().duration().as_secs_f64())))
}

/// The length, unless no file can have it.
fn possible(seconds: f64) -> Option<f64> {
    (seconds.is_finite() && seconds > 0.0).then_some(seconds)
}

#[cfg(unix)]
async fn probed(file: &Path, scope: &Scope) -> Result<Option<f64>> {
    use sprag::{Error, service::ProcessCommand};
    use std::io::ErrorKind;
    use std::time::Duration;

    const LIMIT: Duration = Duration::from_secs(5);
    const ARGUMENTS: [&str; 6] =
        ["-v", "error", "-show_entries", "format=duration", "-of", "default=nw=1:nk=1"];

    let probe = ProcessCommand::new("ffprobe").args(ARGUMENTS).arg(file);
    let output = match tokio::time::timeout(LIMIT, scope.output(probe)).await {
        Err(_) => return Err(Error::msg(format!("`ffprobe` took longer than {LIMIT:?}"))),
        Ok(Err(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(output) => output?,
    };
    if !output.status.success() {
        return Err(Error::msg(format!("`ffprobe`: {}", first_line(&output.stderr))));
    }
    // A picture has no length; `ffprobe` then prints `N/A`.
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok().and_then(possible))
}

/// The beginning of an output, as text for a terminal.
#[cfg(unix)]
fn first_line(output: &[u8]) -> String {
    const LONGEST: usize = 200;

    let begin = String::from_utf8_lossy(&output[..output.len().min(4 * LONGEST)]);
    let line = begin.trim().lines().next().unwrap_or("no message");
    printable(&line.chars().take(LONGEST).collect::<String>())
}

/// Child processes of sprag need Unix.
#[cfg(not(unix))]
async fn probed(_: &Path, _: &Scope) -> Result<Option<f64>> {
    Ok(None)
}
