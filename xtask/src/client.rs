//! The tests of the browser's client, `sprag-web/client`, where Node.js is.

use std::path::Path;
use std::process::Command;

/// Tests the client: its types, its committed build, its behaviour.
///
/// Says so and passes where there is no Node.js, or where its packages are not there and
/// cannot be installed.
pub(crate) fn test() -> bool {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sprag-web/client");
    if !succeeds(Command::new("node").arg("--version").current_dir(&client)) {
        eprintln!("skipped: there is no Node.js");
        return true;
    }
    if !client.join("node_modules").exists() && !succeeds(npm(&client).arg("ci")) {
        eprintln!("skipped: `npm ci` could not install the client's packages");
        return true;
    }
    succeeds(npm(&client).arg("test"))
}

fn npm(client: &Path) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(client);
    npm
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
