//! The tests of the browser's client, `sprag-web/client`, where Node.js is; in a browser
//! too, where Chromium is.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::skips::skip;

/// The names of the browser that the tests search for, as `client/test/browser/chromium.ts`
/// does.
const CHROMIUM: [&str; 4] =
    ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/// Tests the client: its types, its committed build, its behaviour, its pages in a browser.
///
/// Says so and passes where there is no Node.js, or where its packages are not there and
/// cannot be installed; and skips the pages where there is no Chromium.
pub(crate) fn test() -> bool {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sprag-web/client");
    if !succeeds(Command::new("node").arg("--version").current_dir(&client)) {
        skip("the browser's client", "there is no Node.js");
        return true;
    }
    if !has_packages(&client) && !succeeds(npm(&client).arg("ci")) {
        skip("the browser's client", "`npm ci` could not install the client's packages");
        return true;
    }
    succeeds(npm(&client).arg("test").env("SPRAG_SERVER", example("torture"))) && browser(&client)
}

/// The servers of the tests in a browser: a variable, and the example that it names.
const PAGES: [(&str, &str); 4] = [
    ("SPRAG_PAGE", "page"),
    ("SPRAG_HUB", "media_hub"),
    ("SPRAG_CHAT", "chat"),
    ("SPRAG_DASHBOARD", "dashboard"),
];

/// Tests the pages of the examples in Chromium.
fn browser(client: &Path) -> bool {
    eprintln!("\n== the client in a browser");
    if env::var_os("SPRAG_CHROMIUM").is_none() && !CHROMIUM.into_iter().any(is_in_path) {
        let reason = "there is no Chromium; `SPRAG_CHROMIUM` names one that is not in the `PATH`";
        skip("the client in a browser", reason);
        return true;
    }
    if env::var_os("SPRAG_NATS_SERVER").is_none() && !is_in_path("nats-server") {
        let reason =
            "there is no `nats-server`; `SPRAG_NATS_SERVER` names one that is not in the `PATH`";
        skip("the pages of several hubs", reason);
    }
    let mut tests = npm(client);
    tests.envs(PAGES.map(|(variable, name)| (variable, example(name))));
    succeeds(tests.args(["run", "test:browser"]))
}

fn is_in_path(program: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

/// Whether the packages that are installed are those of the lock file.
fn has_packages(client: &Path) -> bool {
    let changed = |file| client.join(file).metadata().and_then(|found| found.modified());
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Ok(installed), Ok(locked)) => installed >= locked,
        _ => false,
    }
}

/// The program of an example, which `cargo test --workspace --all-features` builds.
fn example(name: &str) -> PathBuf {
    let examples = crate::target().join("debug/examples");
    examples.join(name).with_extension(env::consts::EXE_EXTENSION)
}

fn npm(client: &Path) -> Command {
    let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    npm.current_dir(client);
    npm
}

fn succeeds(command: &mut Command) -> bool {
    command.status().is_ok_and(|status| status.success())
}
