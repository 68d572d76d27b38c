//! The clocks of the sources: no crate and no client reads the time of day, so a clock that
//! jumps, or that differs between machines, has no effect.

use crate::{File, files, report};

/// The sources that users run.
const SOURCES: &[&str] = &[
    "src",
    "sprag-log/src",
    "sprag-macros/src",
    "sprag-runtime/src",
    "sprag-web/src",
    "sprag-web/client/src",
];

/// Calls and types that read the time of day.
const TIME_OF_DAY: &[&str] = &[
    "SystemTime::now",
    "SystemTime as",
    "UNIX_EPOCH",
    "Utc::now",
    "Local::now",
    "Timestamp::now",
    "Zoned::now",
    "OffsetDateTime::now",
    "now_v7",
    "coarsetime::Clock",
    "Date.now",
    "new Date",
    "Date()",
    "timeOrigin",
    // The times of files.
    ".modified()",
    ".accessed()",
    ".created()",
];

#[test]
fn no_source_reads_the_time_of_day() {
    let sources = files(&["rs", "ts"]);
    let own = |file: &&File| SOURCES.iter().any(|folder| file.path.starts_with(folder));
    let mistakes: Vec<_> = sources.iter().filter(own).flat_map(readings).collect();
    report(&mistakes);
}

/// The places of a file that read the time of day, outside of comments.
fn readings(file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let code = lines.filter(|(_, text)| !text.trim_start().starts_with("//"));
    let readings = code.flat_map(|(n, text)| {
        let found = TIME_OF_DAY.iter().filter(move |word| text.contains(**word));
        found.map(move |word| format!("{}:{}: `{word}`", file.path.display(), n + 1))
    });
    readings.collect()
}

#[test]
fn a_reading_of_the_time_of_day_is_found() {
    let text = "// SystemTime::now()\nlet now = SystemTime::now();\nlet then = Instant::now();\n";
    let file = File { path: "a.rs".into(), text: text.into() };
    assert_eq!(readings(&file), ["a.rs:2: `SystemTime::now`"]);
}
