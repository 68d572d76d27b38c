//! The page of `--serve`, through the requests of a browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::folder::folder;
use crate::hub::Hub;

/// Long enough for a slow machine.
const DEADLINE: Duration = Duration::from_secs(60);

/// A hub that serves a page, and the address of the page.
pub(crate) fn serving(folder: &Path, more: &[&str]) -> (Hub, SocketAddr) {
    let mut arguments = vec!["--serve", "127.0.0.1:0"];
    arguments.extend_from_slice(more);
    let mut hub = Hub::start_with(folder, &arguments);
    let line = hub.out.until("the page is at http://");
    let (_, address) = line.split_once("http://").expect("the line has an address");
    (hub, address.parse().expect("it is an address"))
}

/// The response to a request: its head and its body.
fn ask(address: SocketAddr, request: &str, body: &str) -> (String, String) {
    let mut tcp = open(address, request, body);
    let mut answer = String::new();
    tcp.read_to_string(&mut answer).expect("the hub answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head ends");
    (head.to_owned(), body.to_owned())
}

fn open(address: SocketAddr, request: &str, body: &str) -> TcpStream {
    let mut tcp = TcpStream::connect(address).expect("the hub listens");
    tcp.set_read_timeout(Some(DEADLINE)).expect("a timeout");
    let length = body.len();
    let head = format!(
        "{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    tcp.write_all(head.as_bytes()).expect("the hub reads");
    tcp
}

/// The stores that are part of the page, by name.
fn hydrated(address: SocketAddr) -> Vec<Value> {
    let (_, page) = ask(address, "GET /", "");
    let (_, state) = page.split_once("data-sprag-state>").expect("the page has its state");
    let (state, _) = state.split_once("</script>").expect("the state ends");
    serde_json::from_str(state).expect("it is JSON")
}

/// The store `name` of a newly loaded page.
pub(crate) fn store(address: SocketAddr, name: &str) -> Value {
    let stores = hydrated(address).into_iter().find(|store| store["s"] == name);
    stores.expect("the store is there")
}

/// Makes the `n`th write of a page; returns the server's reply.
pub(crate) fn write(address: SocketAddr, epoch: &Value, n: u64, ops: &Value) -> Value {
    let body = json!({ "e": epoch, "t": "page", "m": [{ "n": n, "ops": ops }] }).to_string();
    let (head, answer) = ask(address, "POST /sprag/store/tv", &body);
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}: {answer}");
    serde_json::from_str::<Value>(&answer).expect("it is JSON")["r"][0].clone()
}

/// The frames of a window, in the order of their arrival.
pub(crate) struct Window(BufReader<TcpStream>);

impl Window {
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self(BufReader::new(open(address, "GET /sprag/live?stores=tv", "")))
    }

    /// Reads up to the first line with `text`.
    pub(crate) fn until(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let read = self.0.read_line(&mut line).expect("the hub writes");
            assert!(read > 0, "the stream has ended without `{text}`");
        }
    }
}

#[test]
fn w3_the_page_comes_with_its_state() {
    let folder = folder();
    let (mut hub, address) = serving(folder.path(), &[]);
    hub.log.until("`categories` recomputed");
    assert_eq!(store(address, "tv")["state"]["volume"], 40);
    let library = &store(address, "library")["state"];
    assert_eq!(
        library["files"][0],
        json!({ "url": "music/song.mp3", "kind": "audio", "bytes": 3 })
    );
    assert_eq!(library["files"].as_array().map(Vec::len), Some(4));
    let (head, page) = ask(address, "GET /", "");
    assert!(head.contains("script-src 'self'"), "{head}");
    for link in page.split("=\"/").skip(1) {
        let (path, _) = link.split_once('"').expect("the attribute ends");
        let link = format!("/{path}");
        let (head, _) = ask(address, &format!("GET {link}"), "");
        assert!(head.starts_with("HTTP/1.1 200 "), "{link}: {head}");
    }
}

#[test]
fn w2_what_one_window_plays_the_other_one_shows() {
    let folder = folder();
    let (mut hub, address) = serving(folder.path(), &[]);
    let mut other = Window::open(address);
    other.until("event: snap");
    let epoch = store(address, "tv")["e"].clone();
    let play = json!([
        ["=", ["playback", "url"], "film/one.mkv"],
        ["=", ["playback", "position"], 0],
        ["=", ["playback", "paused"], false],
    ]);
    assert!(write(address, &epoch, 1, &play)["err"].is_null());
    other.until("film/one.mkv");
    assert!(hub.out.next().ends_with("film/one.mkv"));
    // The windows show the writes of the console.
    hub.type_line("pause");
    other.until(r#"["playback","paused"],true"#);
}

#[test]
fn w4_a_refused_write_says_why_and_changes_nothing() {
    let folder = folder();
    let (_hub, address) = serving(folder.path(), &[]);
    let tv = store(address, "tv");
    let loud = write(address, &tv["e"], 1, &json!([["=", ["volume"], 101]]));
    assert_eq!(
        (&loud["err"], &loud["why"]),
        (&json!("invalid"), &json!("The volume is at most 100."))
    );
    let length = json!([["=", ["playback", "length"], { "url": "x", "seconds": 1 }]]);
    assert_eq!(write(address, &tv["e"], 2, &length)["err"], "readonly");
    assert_eq!(store(address, "tv")["state"], tv["state"]);
}

#[test]
fn w12_windows_do_not_hold_up_the_stop_and_the_end_of_input_stops_nothing() {
    let folder = folder();
    let (mut hub, address) = serving(folder.path(), &[]);
    hub.end_input();
    hub.log.until("the input has ended");
    let mut window = Window::open(address);
    window.until("event: snap");
    #[cfg(unix)]
    {
        hub.signal(nix::sys::signal::Signal::SIGTERM);
        let (report, status) = hub.stopped();
        assert!(report.contains("`WebService` finished in ") && status.success(), "{report}");
    }
}

#[test]
fn a_port_that_is_taken_is_one_line_that_names_it() {
    let folder = folder();
    let (_hub, address) = serving(folder.path(), &[]);
    let second = Hub::start_with(folder.path(), &["--serve", &address.to_string()]);
    let (line, status) = second.failed();
    assert!(line.contains(&format!("cannot listen on {address}: ")), "{line}");
    assert_eq!(status.code(), Some(1));
}
