//! The length of a file. `ffprobe` finds the length, in a child process that ends with its
//! service. Without `ffprobe`, the length comes from the tags of the file.

use std::path::Path;

use lofty::file::AudioFile;
use sprag::{Result, service::Scope};
use tokio::task::spawn_blocking;

/// The length in seconds, at least 1; `None` if it cannot be found.
pub(crate) async fn length(file: &Path, scope: &Scope) -> Result<Option<u64>> {
    let probed = probed(file, scope).await?;
    let length = match probed {
        Some(length) => Some(length),
        None => tagged(file).await?,
    };
    // No file is so long that a float cannot count its seconds one by one.
    Ok(length.map(|seconds| seconds.ceil().max(1.0) as u64))
}

/// The length in the tags of the file, which most music and MP4 films have.
async fn tagged(file: &Path) -> Result<Option<f64>> {
    let file = file.to_owned();
    let tagged = spawn_blocking(move || lofty::read_from_path(file)).await?;
    Ok(tagged.ok().map(|file| file.properties().duration().as_secs_f64()))
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
    let output = match tokio::time::timeout(LIMIT, scope.output(probe)).await? {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    if !output.status.success() {
        return Err(Error::msg(String::from_utf8_lossy(&output.stderr).trim()));
    }
    // A picture has no length; `ffprobe` then prints `N/A`.
    Ok(String::from_utf8_lossy(&output.stdout).trim().parse().ok())
}

/// Child processes of sprag need Unix.
#[cfg(not(unix))]
async fn probed(_: &Path, _: &Scope) -> Result<Option<f64>> {
    Ok(None)
}
