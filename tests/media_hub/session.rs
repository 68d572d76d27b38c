//! A hub that is typed at, and told to stop in each way there is.

use crate::folder::{folder, shown};
use crate::hub::Hub;

const SERVICES: [&str; 4] = ["ConsoleService", "PlayerService", "LibraryService", "StorageService"];

/// The report has every service, each of which ended by itself, and all is well.
fn assert_clean(hub: Hub, because: &str) {
    let (report, status) = hub.stopped();
    assert!(report.contains(because), "{report}");
    for service in SERVICES {
        assert!(report.contains(&format!("`{service}` finished in ")), "{report}");
    }
    assert_eq!(report.lines().count(), 1 + SERVICES.len(), "{report}");
    assert!(status.success(), "{status}");
}

#[test]
fn i6_what_is_playing_is_shown_and_a_moving_position_is_not() {
    let folder = folder();
    let song = shown(&folder).join("music/song.mp3").display().to_string();
    let mut hub = Hub::start(folder.path());

    hub.type_line("play 1");
    assert_eq!(hub.out.next(), format!("now playing: {song}"));
    hub.log.until("the position is 2 s");
    hub.type_line("seek 90");
    hub.type_line("status");

    // The very next line is the answer: of what moved the position, by itself and by
    // `seek`, nothing was printed.
    let status = hub.out.next();
    assert!(status.starts_with("playing at 1:3") && status.ends_with(&song), "{status}");
    assert!(hub.out.next().starts_with("1 audio (3 B), 1 image (2 B), 2 video (12 B)"));
    assert!(hub.out.next().starts_with("cache categories: hits "));
    assert!(hub.out.next().starts_with("cache drives: "));

    hub.type_line("pause");
    assert_eq!(hub.out.next(), format!("paused: {song}"));
    hub.type_line("pause");
    assert_eq!(hub.out.next(), format!("now playing: {song}"));
    hub.type_line("quit");
    assert_clean(hub, "because service `ConsoleService` asked for it");
}

#[test]
fn what_cannot_be_done_gets_one_line_that_helps() {
    let folder = folder();
    let mut hub = Hub::start(folder.path());
    for (line, says) in [
        ("plya 1", "`plya 1` is no command; commands: list, play N"),
        ("play", "write `play 1`"),
        ("play one", "`one` is no number"),
        ("play 0", "there is no number 0; `list` shows 4 files"),
        ("play 5", "there is no number 5; `list` shows 4 files"),
        ("pause", "nothing is playing; `play N` starts a file"),
        ("seek 1", "nothing is playing; `play N` starts a file"),
        ("seek -1", "`-1` is no number of seconds"),
        ("help", "commands: list, play N"),
    ] {
        hub.type_line(line);
        let answer = hub.out.next();
        assert!(answer.contains(says), "{line}: {answer}");
    }
    // An empty line is nothing, and nothing is left to be read.
    hub.type_line("");
    hub.type_line("status");
    assert_eq!(hub.out.next(), "nothing is playing");
    hub.type_line("quit");
    assert_clean(hub, "asked for it");
}

#[test]
fn list_numbers_the_files_and_rescan_finds_new_ones() {
    let folder = folder();
    let mut hub = Hub::start(folder.path());
    hub.type_line("list");
    assert_eq!(hub.out.next(), "   1  music/song.mp3  (audio/mpeg)");
    hub.out.until("links passed over: 0, not readable: 0");

    std::fs::write(folder.path().join("another.mp3"), "mp3").expect("it can be written");
    hub.type_line("rescan");
    hub.type_line("list");
    assert_eq!(hub.out.next(), "   1  another.mp3  (audio/mpeg)");
    hub.out.until("2 audio");
    hub.type_line("quit");
    assert_clean(hub, "asked for it");
}

#[cfg(target_os = "linux")]
#[test]
fn each_file_is_one_line_whatever_its_name() {
    let folder = folder();
    crate::folder::add_odd_names(folder.path());
    let mut hub = Hub::start(folder.path());
    hub.type_line("list");
    assert_eq!(hub.out.next(), "   1  \u{fffd}[2Jclears.mp3  (audio/mpeg)");
    assert_eq!(hub.out.next(), "   2  music/song.mp3  (audio/mpeg)");
    assert_eq!(hub.out.next(), "   3  not utf-8 \u{fffd}.mp3  (audio/mpeg)");
    assert_eq!(hub.out.next(), "   4  two\u{fffd}lines.mp3  (audio/mpeg)");
    hub.type_line("quit");
    assert_clean(hub, "asked for it");
}

#[test]
fn the_end_of_input_stops_it() {
    let folder = folder();
    let mut hub = Hub::start(folder.path());
    hub.type_line("play 4");
    hub.end_input();
    assert!(hub.out.next().ends_with("two.mp4"));
    assert_clean(hub, "asked for it");
}

#[cfg(unix)]
#[test]
fn s7_signals_stop_it_gracefully_while_it_waits_for_input() {
    use nix::sys::signal::Signal;
    let folder = folder();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut hub = Hub::start(folder.path());
        hub.log.until("started app=");
        hub.signal(signal);
        // Its input is open all the time.
        assert_clean(hub, signal.as_str());
    }
}
