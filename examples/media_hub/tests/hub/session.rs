//! A hub that reads commands, and stops in each of the ways to stop a hub.

use crate::folder::{folder, shown};
use crate::hub::Hub;

const SERVICES: [&str; 5] =
    ["ConsoleService", "WebService", "PlayerService", "LibraryService", "StorageService"];

/// The hub stopped for the reason `because`, every service finished, and the exit code
/// is 0.
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
fn i6_a_new_film_is_printed_and_a_moving_position_is_not() {
    let folder = folder();
    let song = shown(&folder).join("music/song.mp3").display().to_string();
    let mut hub = Hub::start(folder.path());

    hub.type_line("play 1");
    assert_eq!(hub.out.next(), format!("now playing: {song}"));
    hub.log.until("the position is 2 s");
    hub.type_line("seek 90");
    hub.type_line("status");

    // The reply is the very next line: neither the interval nor `seek`, which both moved
    // the position, printed a line.
    let status = hub.out.next();
    assert!(
        status.starts_with("playing at 1:3") && status.ends_with(": music/song.mp3"),
        "{status}"
    );
    assert!(hub.out.next().starts_with("1 audio (3 B), 1 image (2 B), 2 video (12 B)"));
    assert!(hub.out.next().starts_with("cache categories: hits "));
    assert!(hub.out.next().starts_with("cache drives: "));

    hub.type_line("pause");
    assert_eq!(hub.out.next(), format!("paused: {song}"));
    hub.type_line("pause");
    assert_eq!(hub.out.next(), format!("now playing: {song}"));
    hub.type_line("quit");
    assert_clean(hub, "because service `ConsoleService` requested the stop");
}

#[test]
fn an_impossible_command_gets_one_line_that_helps() {
    let folder = folder();
    let mut hub = Hub::start(folder.path());
    for (line, says) in [
        ("plya 1", "`plya 1` is not a command; commands: list [PAGE], play N"),
        ("play", "write `play 1`"),
        ("play one", "`one` is not the number of a file"),
        ("play 0", "file 0 does not exist; the library has 4 files"),
        ("play 5", "file 5 does not exist; the library has 4 files"),
        ("list 0", "page 0 does not exist; the last page is 1"),
        ("list two", "`two` is not the number of a page; write `list 2`"),
        ("pause", "nothing is playing; `play N` starts a file"),
        ("seek 1", "nothing is playing; `play N` starts a file"),
        ("seek -1", "`-1` is not a number of seconds"),
        ("help", "commands: list [PAGE], play N"),
    ] {
        hub.type_line(line);
        let answer = hub.out.next();
        assert!(answer.contains(says), "{line}: {answer}");
    }
    // The reply to `status` comes next, since an empty line has none.
    hub.type_line("");
    hub.type_line("status");
    assert_eq!(hub.out.next(), "nothing is playing");
    hub.type_line("quit");
    assert_clean(hub, "requested the stop");
}

#[test]
fn list_numbers_the_files_and_rescan_finds_new_ones() {
    let folder = folder();
    let mut hub = Hub::start(folder.path());
    hub.type_line("list");
    assert_eq!(hub.out.next(), "   1  music/song.mp3  (audio/mpeg)");
    hub.out.until("links skipped: 0, not readable: 0");

    std::fs::write(folder.path().join("another.mp3"), "mp3").expect("it can be written");
    hub.type_line("rescan");
    hub.type_line("list");
    assert_eq!(hub.out.next(), "   1  another.mp3  (audio/mpeg)");
    hub.out.until("2 audio");
    hub.type_line("quit");
    assert_clean(hub, "requested the stop");
}

#[cfg(target_os = "linux")]
#[test]
fn each_file_is_one_line_whatever_its_name() {
    let folder = folder();
    crate::folder::add_odd_names(folder.path());
    let mut hub = Hub::start(folder.path());
    hub.type_line("list");
    for (number, name) in (1..).zip([
        "\u{fffd}[2Jclears.mp3",
        "music/song.mp3",
        "not utf-8 \u{fffd}.mp3",
        "two\u{fffd}lines.mp3",
        // A mark above a letter has no place of its own and stays.
        "u\u{308}ber\u{fffd}3pm.mp3",
        "\u{fffd}marked\u{fffd}line.mp3",
    ]) {
        assert_eq!(hub.out.next(), format!("   {number}  {name}  (audio/mpeg)"));
    }
    hub.type_line("quit");
    assert_clean(hub, "requested the stop");
}

#[test]
fn a_long_list_is_a_page_and_a_count() {
    let folder = folder();
    for number in 1..=41 {
        let name = format!("{number:02}.mp3");
        std::fs::write(folder.path().join(name), "mp3").expect("it can be written");
    }
    let mut hub = Hub::start(folder.path());
    for (command, first, count) in [
        ("list", "   1  01.mp3  (audio/mpeg)", "files 1 to 20 of 45; `list 2` shows the next page"),
        (
            "list 2",
            "  21  21.mp3  (audio/mpeg)",
            "files 21 to 40 of 45; `list 3` shows the next page",
        ),
        (
            "list 3",
            "  41  41.mp3  (audio/mpeg)",
            "files 41 to 45 of 45; `list 1` shows the first page",
        ),
    ] {
        hub.type_line(command);
        assert_eq!(hub.out.next(), first);
        hub.out.until(count);
        assert!(hub.out.next().starts_with("42 audio"));
    }
    hub.type_line("list 4");
    assert_eq!(hub.out.next(), "page 4 does not exist; the last page is 3");
    hub.type_line("quit");
    assert_clean(hub, "requested the stop");
}

#[test]
fn the_end_of_input_stops_it() {
    let folder = folder();
    let mut hub = Hub::start(folder.path());
    hub.type_line("play 4");
    hub.end_input();
    assert!(hub.out.next().ends_with("two.mp4"));
    assert_clean(hub, "requested the stop");
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
        // The input of the hub is still open.
        assert_clean(hub, signal.as_str());
    }
}
