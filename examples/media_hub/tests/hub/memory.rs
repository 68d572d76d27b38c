//! The stored state of a hub: `--state`, and `--nats` for several hubs.

use serde_json::{Value, json};
use sprag_web::Backing;

use crate::folder::folder;
use crate::hub::Hub;
use crate::options::Memory;
use crate::page::{serving, store, write};
use crate::screen::Screen;

/// Plays a film, seeks in it, raises the volume and queues a song.
fn use_it(address: std::net::SocketAddr) {
    let epoch = store(address, "tv")["e"].clone();
    for (n, ops) in [
        json!([["=", ["playback", "url"], "film/one.mkv"], ["=", ["playback", "position"], 90]]),
        json!([["=", ["volume"], 70]]),
        json!([["+", ["queue", "-"], "music/song.mp3"]]),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = write(address, &epoch, n as u64 + 1, &ops);
        assert!(answer["err"].is_null(), "{answer}");
    }
}

fn assert_remembered(tv: &Value) {
    let tv = &tv["state"];
    assert_eq!(tv["playback"]["url"], "film/one.mkv");
    assert!(tv["playback"]["position"].as_u64() >= Some(90), "{tv}");
    assert_eq!((&tv["volume"], &tv["queue"]), (&json!(70), &json!(["music/song.mp3"])));
}

#[test]
fn l1_a_killed_hub_comes_back_with_what_was_playing_and_where() {
    let (folder, state) = (folder(), tempfile::TempDir::new().expect("there is room"));
    let state = state.path().to_string_lossy();
    let (hub, address) = serving(folder.path(), &["--state", &state]);
    use_it(address);
    hub.kill();

    let (mut hub, address) = serving(folder.path(), &["--state", &state]);
    assert_remembered(&store(address, "tv"));
    // The console shows the stored state, and continues from it.
    hub.type_line("status");
    assert!(hub.out.until("playing at 1:3").ends_with(": film/one.mkv"));
    hub.type_line("pause");
    hub.out.until("paused: ");
    hub.type_line("quit");
    let (report, status) = hub.stopped();
    assert!(status.success(), "{report}");

    let (_hub, address) = serving(folder.path(), &["--state", &state]);
    assert_eq!(store(address, "tv")["state"]["playback"]["paused"], true);
}

#[test]
fn two_hubs_on_one_folder_are_one_line_that_names_it() {
    let (folder, state) = (folder(), tempfile::TempDir::new().expect("there is room"));
    let state = state.path().to_string_lossy();
    let (_first, _) = serving(folder.path(), &["--state", &state]);
    let (line, status) = Hub::start_with(folder.path(), &["--state", &state]).failed();
    assert!(line.contains(&*state), "{line}");
    assert_eq!(status.code(), Some(1));
}

/// A page that has seen more than the hub waits while the hub is not current.
#[tokio::test]
async fn w7_a_page_learns_from_the_hub_whether_the_hub_follows_its_log() {
    let state = tempfile::TempDir::new().expect("there is room");
    let logged = Screen::open(&Memory::Folder(state.path().to_owned())).await.expect("it opens");
    let in_memory = Screen::open(&Memory::Process).await.expect("it opens");
    assert!(Backing::is_current(&logged) && Backing::incarnation(&logged).is_some());
    logged.stop().await;
    in_memory.stop().await;
    assert!(!Backing::is_current(&logged), "a stopped model follows nothing");
    assert!(Backing::is_current(&in_memory) && Backing::incarnation(&in_memory).is_none());
}

#[cfg(feature = "nats")]
mod twins {
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use test_support::skip;

    use super::{assert_remembered, folder, json, serving, store, use_it, write};
    use crate::page::Window;

    /// A server that ends when this value is dropped.
    struct Server(Child);

    impl Drop for Server {
        fn drop(&mut self) {
            let _ended = self.0.kill().is_err();
            let _reaped = self.0.wait().is_ok();
        }
    }

    /// A server and its address; `None` without a `nats-server`.
    fn server(folder: &Path) -> Option<(Server, String)> {
        // The server chooses a free port and writes it into a file.
        let child = Command::new("nats-server")
            .args(["-js", "-a", "127.0.0.1", "-p", "-1", "-sd"])
            .arg(folder)
            .arg("--ports_file_dir")
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(child) = child else {
            skip("there is no `nats-server` in the `PATH`");
            return None;
        };
        let ports = folder.join(format!("nats-server_{}.ports", child.id()));
        let server = Server(child);
        Some((server, address(&ports)))
    }

    /// Waits for the server's file of ports, and returns the address for clients.
    fn address(ports: &Path) -> String {
        loop {
            let text = std::fs::read_to_string(ports).unwrap_or_default();
            // The file may be empty, or not be there, while the server starts.
            if let Ok(ports) = serde_json::from_str::<serde_json::Value>(&text) {
                return ports["nats"][0].as_str().expect("it takes clients").to_owned();
            }
            std::thread::yield_now();
        }
    }

    #[test]
    fn l2_two_hubs_stay_in_step_and_one_goes_on_alone() {
        let (folder, kept) = (folder(), tempfile::TempDir::new().expect("there is room"));
        let Some((_server, nats)) = server(kept.path()) else { return };
        let (mut first, one) = serving(folder.path(), &["--nats", &nats]);
        let (mut second, two) = serving(folder.path(), &["--nats", &nats]);
        let mut window = Window::open(two);
        window.until("event: snap");
        use_it(one);
        window.until("music/song.mp3");
        assert_remembered(&store(two, "tv"));
        assert!(second.out.next().ends_with("film/one.mkv"));

        let epoch = store(two, "tv")["e"].clone();
        let paused = json!([["=", ["playback", "paused"], true]]);
        assert!(write(two, &epoch, 1, &paused)["err"].is_null());
        first.out.until("paused: ");

        first.kill();
        second.type_line("pause");
        second.out.until("now playing: ");
        // The second hub advances the playback.
        window.until(r#"["playback","position"],91"#);
    }

    #[test]
    fn two_hubs_play_at_one_speed_and_agree_on_a_seek_and_a_pause() {
        let (folder, kept) = (folder(), tempfile::TempDir::new().expect("there is room"));
        let Some((_server, nats)) = server(kept.path()) else { return };
        let (mut first, one) = serving(folder.path(), &["--nats", &nats]);
        let (mut second, two) = serving(folder.path(), &["--nats", &nats]);
        let mut window = Window::open(two);
        window.until("event: snap");
        use_it(one);
        let at = |position: u64| format!(r#"["playback","position"],{position}"#);
        window.until(&at(92));
        let began = Instant::now();
        window.until(&at(95));
        let took = began.elapsed();
        assert!(took >= Duration::from_secs(2), "three seconds of the film took {took:?}");

        second.type_line("seek 500");
        window.until(&at(501));
        first.type_line("pause");
        first.out.until("paused: ");
        second.out.until("paused: ");
        assert_eq!(store(one, "tv")["state"], store(two, "tv")["state"]);
    }
}
