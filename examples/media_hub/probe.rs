//! The length of a file, as `ffprobe` finds it: a child process that ends with its service.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use sprag::{Error, Result, service::ProcessCommand, service::Scope};
use tokio::time::timeout;

/// How long `ffprobe` may take.
const LIMIT: Duration = Duration::from_secs(5);
const ARGUMENTS: [&str; 6] =
    ["-v", "error", "-show_entries", "format=duration", "-of", "default=nw=1:nk=1"];

/// The length in seconds; `None` where there is no `ffprobe`.
pub(crate) async fn length(file: &Path, scope: &Scope) -> Result<Option<f64>> {
    let probe = ProcessCommand::new("ffprobe").args(ARGUMENTS).arg(file);
    let output = match timeout(LIMIT, scope.output(probe)).await? {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    if !output.status.success() {
        return Err(Error::msg(String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(Some(String::from_utf8_lossy(&output.stdout).trim().parse()?))
}
