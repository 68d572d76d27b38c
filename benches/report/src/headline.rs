//! The one table of the main README, for a user who picks between crates.

use std::fmt::Write;

use bench_harness::{Figure, Results};

/// The columns: a heading, and its scenario and case.
const COLUMNS: &[(&str, &str, &str)] = &[
    ("read a place", "get", "depth 4"),
    ("write, no watcher", "set, no subscription", "depth 4"),
    ("write, 1,000 watchers of other places", "set, N subscriptions elsewhere", "N = 1,000"),
    ("write, one watcher", "set that fires N callbacks", "N = 1"),
    ("write, 1,000 watchers", "set that fires N callbacks", "N = 1,000"),
    ("snapshot of 10,000 items", "snapshot", "10,000 items"),
];

/// The lines: a name, and the prefix of the contestants' names.
const LINES: &[(&str, &str)] = &[
    ("**sprag**", "sprag"),
    ("by hand on `parking_lot`", "by hand"),
    ("reactive_stores", "reactive_stores"),
    ("dioxus-stores", "dioxus-stores"),
    ("eyeball", "eyeball"),
    ("tokio's `watch`", "tokio `watch`"),
    ("futures-signals", "futures-signals"),
    ("arc-swap", "arc-swap"),
];

/// A line for each crate, an empty cell where it has no counterpart.
pub(crate) fn table(parts: &[Results]) -> String {
    let headings: Vec<_> = COLUMNS.iter().map(|(heading, ..)| *heading).collect();
    let mut text =
        format!("| | {} |\n|---|{}\n", headings.join(" | "), "--:|".repeat(COLUMNS.len()));
    for (name, begins) in LINES {
        let cells: Vec<_> = COLUMNS
            .iter()
            .map(|(_, scenario, case)| {
                let figure = find(parts, scenario, case, begins);
                figure.map_or_else(|| "–".into(), |figure| figure.unit.show(figure.spread.median))
            })
            .collect();
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text
}

/// The first figure of a case whose contestant's name has the prefix.
pub(crate) fn find<'a>(
    parts: &'a [Results],
    scenario: &str,
    case: &str,
    contestant: &str,
) -> Option<&'a Figure> {
    parts.iter().flat_map(|part| &part.figures).find(|figure| {
        figure.scenario == scenario
            && figure.case == case
            && figure.contestant.starts_with(contestant)
    })
}
