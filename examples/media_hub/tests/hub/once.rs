//! One summary with `--once`, and the mistakes of a command line.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::folder::folder;
use crate::hub::program;

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(program())
        .args(arguments)
        .arg(folder)
        .env_remove("RUST_LOG")
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

fn once(folder: &Path) -> Value {
    let output = run(&["--once", "--json"], folder);
    assert!(output.status.success(), "{output:?}");
    // Without a terminal the hub draws no bar, and `--once` logs warnings alone.
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.lines().all(|line| line.contains(" WARN links skipped: ")), "{log}");
    serde_json::from_slice(&output.stdout).expect("it is one JSON object")
}

#[test]
fn one_look_finds_the_media_by_category() {
    let folder = folder();
    let found = once(folder.path());

    let counts = |name: &str| {
        let category = &found["media"][name];
        let files = category["files"].as_array().expect("there are some");
        assert_eq!(category["count"], files.len());
        (files.len(), category["bytes"].clone())
    };
    assert_eq!(counts("video"), (2, json!(12)));
    assert_eq!(counts("audio"), (1, json!(3)));
    assert_eq!(counts("image"), (1, json!(2)));
    assert_eq!(found["media"].as_object().map(serde_json::Map::len), Some(3));
    let film = json!({ "path": "film/one.mkv", "mime": "video/x-matroska", "bytes": 5 });
    assert_eq!(found["media"]["video"]["files"][0], film);

    assert_eq!((&found["links"], &found["unreadable"]), (&json!(0), &json!(0)));
    let playback = json!({ "url": null, "position": 0, "paused": false, "length": null });
    assert_eq!(found["tv"]["playback"], playback);
    // The scan computed the drives, and the summary hit the cache.
    let drives = json!({ "hits": 1, "computations": 1, "invalidations": 0 });
    assert_eq!(found["caches"]["drives"], drives);
    assert_eq!(found["caches"]["categories"]["computations"], 1);
}

#[cfg(target_os = "linux")]
#[test]
fn links_and_unreadable_folders_are_counted_and_stop_nothing() {
    let folder = folder();
    let links = crate::folder::add_links(folder.path());
    let unreadable = crate::folder::add_unreadable(folder.path());
    let found = once(folder.path());

    assert_eq!(found["links"], links);
    assert_eq!(found["unreadable"], unreadable.count);
    assert_eq!(found["media"]["video"]["count"], 2);
    assert_eq!(found["media"]["audio"]["count"], 1);
}

#[cfg(target_os = "linux")]
#[test]
fn odd_names_are_found_like_others() {
    let folder = folder();
    crate::folder::add_odd_names(folder.path());
    let audio = once(folder.path())["media"]["audio"].clone();
    assert_eq!(audio["count"], 6);
    let names = [
        "\u{1b}[2Jclears.mp3",
        "music/song.mp3",
        "not utf-8 \u{fffd}.mp3",
        "two\nlines.mp3",
        "u\u{308}ber\u{202e}3pm.mp3",
        "\u{feff}marked\u{2028}line.mp3",
    ];
    for (file, name) in audio["files"].as_array().into_iter().flatten().zip(names) {
        assert_eq!(file["path"], name);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_mounts_are_those_of_this_machine() {
    // The kernel's own list, read without the hub.
    let kernel = || -> Vec<(String, String)> {
        let text = std::fs::read_to_string("/proc/mounts").expect("the kernel tells");
        let fields = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        fields.map(|fields| (fields[1].to_owned(), fields[2].to_owned())).collect()
    };
    let folder = folder();
    // Until no mount changed during a run of the hub.
    let (kernel, found) = loop {
        let before = kernel();
        let found = once(folder.path());
        if before == kernel() {
            break (before, found);
        }
    };

    let mounts = found["mounts"].as_array().expect("a list");
    let has = |path: &str, kind: &str| {
        mounts.iter().any(|mount| mount["path"] == path && mount["file_system"] == kind)
    };
    let hidden = |path: &str| ["/sys", "/proc", "/run"].iter().any(|top| path.starts_with(top));
    for (path, kind) in &kernel {
        let is_a_drive = ["tmpfs", "ext4", "xfs", "btrfs", "overlay"].contains(&kind.as_str());
        if is_a_drive && !hidden(path) && !path.contains('\\') {
            assert!(has(path, kind), "{path} is missing in {mounts:?}");
        }
    }
    let known = |mount: &Value| kernel.iter().any(|(path, _)| mount["path"] == **path);
    assert!(mounts.iter().all(known), "{mounts:?} is more than {kernel:?}");
}

#[test]
fn a_folder_that_does_not_exist_is_one_line_and_exit_code_2() {
    let folder = folder();
    for arguments in [&[][..], &["--once", "--json"]] {
        let output = run(arguments, &folder.path().join("missing"));
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.contains("missing` does not exist"), "{text}");
        assert!(output.stdout.is_empty());
    }
    let output = run(&[], &folder.path().join("notes.txt"));
    assert_eq!(output.status.code(), Some(2));
    let output = run(&[], Path::new(""));
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.starts_with("media_hub: the folder's name is empty"), "{text}");
}

#[test]
fn a_mistake_is_one_line_whatever_the_argument() {
    let folder = folder();
    let output = run(&[], &folder.path().join("line\n\u{202e}turned"));
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
    assert!(text.contains("line\u{fffd}\u{fffd}turned` does not exist"), "{text}");
}

#[test]
fn the_command_line_explains_itself() {
    let folder = folder();
    let help = run(&["--help"], folder.path());
    assert!(help.status.success());
    assert!(String::from_utf8_lossy(&help.stdout).contains("Usage: media_hub [OPTIONS] [DIR]"));
    for version in ["--version", "-V"] {
        let output = run(&[version], folder.path());
        assert!(output.status.success());
        let expected = concat!("media_hub ", env!("CARGO_PKG_VERSION"), "\n");
        assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    }

    for (arguments, says) in [(["--onec"], "'--onec'"), (["--json"], "needs `--once`")] {
        let output = run(&arguments, folder.path());
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), text.lines().count()), (Some(2), 1), "{text}");
        assert!(text.contains(says), "{text}");
    }
}
