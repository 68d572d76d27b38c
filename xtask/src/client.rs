//! The tests of the browser's client, `sprag-web/client`, where Node.js is.

use std::env;
use std::path::{Path, PathBuf};
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
    let Some(server) = server() else { return false };
    succeeds(npm(&client).arg("test").env("SPRAG_SERVER", server))
}

/// Builds the server that the client is tested against.
fn server() -> Option<PathBuf> {
    let build = ["build", "-q", "-p", "sprag-web", "--example", "torture"];
    let built = succeeds(crate::cargo().args(build));
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"), PathBuf::from);
    built.then(|| target.join("debug/examples/torture").with_extension(env::consts::EXE_EXTENSION))
}

fn npm(client: &Path) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(client);
    npm
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
