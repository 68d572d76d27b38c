//! The promises about sprag's speed and size, beside the measured figures.

use std::fmt::Write;

use bench_harness::{Figure, Results, Role, Unit};

use crate::headline::find;

/// One promise.
struct Promise {
    what: &'static str,
    /// The most that keeps it.
    most: f64,
    shown: Shown,
    measure: fn(&[Results]) -> Option<f64>,
}

/// How a promise's numbers are written.
enum Shown {
    /// A unit.
    As(Unit),
    /// A ratio to something.
    Times(&'static str),
}

const PROMISES: &[Promise] = &[
    Promise {
        what: "`get`, the slowest of depth 1 to 8",
        most: 1.1,
        shown: Shown::Times("floor"),
        measure: |parts| worst(parts, "get", |figure| figure.to_floor),
    },
    Promise {
        what: "`set`, no subscriber, the slowest of depth 1 to 8",
        most: 2.0,
        shown: Shown::Times("floor"),
        measure: |parts| worst(parts, "set, no subscription", |figure| figure.to_floor),
    },
    Promise {
        what: "`set` with 100,000 subscriptions on other paths",
        most: 1.25,
        shown: Shown::Times("the same with none"),
        measure: |parts| {
            let elsewhere = "set, N subscriptions elsewhere";
            let none = median(parts, elsewhere, "N = 0", "sprag")?;
            Some(median(parts, elsewhere, "N = 100,000", "sprag")? / none)
        },
    },
    Promise {
        what: "`set` of a scalar that fires one callback",
        most: 60.0,
        shown: Shown::As(Unit::Nanoseconds),
        measure: |parts| median(parts, "set that fires N callbacks", "N = 1", "sprag"),
    },
    Promise {
        what: "allocations of that, but the value's own clone",
        most: 0.0,
        shown: Shown::As(Unit::Count),
        measure: |parts| {
            median(parts, "allocations of one operation", "set that fires one callback", "sprag")
        },
    },
    Promise {
        what: "snapshot, the slowest of 10 to 1,000,000 items",
        most: 15.0,
        shown: Shown::As(Unit::Nanoseconds),
        measure: |parts| worst(parts, "snapshot", |figure| Some(figure.spread.median)),
    },
    Promise {
        what: "cache hit with TTL, borrowed",
        most: 15.0,
        shown: Shown::As(Unit::Nanoseconds),
        measure: |parts| median(parts, "cache hit, one thread", "borrowed, with TTL", "sprag"),
    },
    Promise {
        what: "the same by two threads: time of one hit",
        most: 1.25,
        shown: Shown::Times("that of one thread"),
        measure: |parts| {
            let hits = "cache hits, threads";
            let one = median(parts, hits, "1 thread", "sprag, borrowed")?;
            // Two threads on two cores: twice the hits is the same time for each.
            Some(2.0 * one / median(parts, hits, "2 threads", "sprag, borrowed")?)
        },
    },
    Promise {
        what: "one subscription on a model of 5,000 nodes",
        most: 3_000.0,
        shown: Shown::As(Unit::Bytes),
        measure: |parts| {
            let case = "the first on a model of 5,005 nodes";
            median(parts, "bytes of a subscription", case, "sprag")
        },
    },
    Promise {
        what: "a million subscriptions on one place, each",
        most: 100.0,
        shown: Shown::As(Unit::Bytes),
        measure: |parts| median(parts, "bytes of a subscription", "many on one place", "sprag"),
    },
    Promise {
        what: "`KeyedCache` hit, the slowest of all keys",
        most: 1.5,
        shown: Shown::Times("`quick_cache`"),
        measure: |parts| keyed(parts, "sprag"),
    },
    Promise {
        what: "the same with TTL, which `quick_cache` lacks",
        most: 1.5,
        shown: Shown::Times("`quick_cache`"),
        measure: |parts| keyed(parts, "sprag, TTL"),
    },
    Promise {
        what: "`emit` to one listener",
        most: 20.0,
        shown: Shown::As(Unit::Nanoseconds),
        measure: |parts| median(parts, "emit to N listeners", "N = 1", "sprag"),
    },
    Promise {
        what: "read or write of an entry, 1,000,000 entries, the slowest way",
        most: 1.25,
        shown: Shown::Times("that with 1,000"),
        measure: growth,
    },
    Promise {
        what: "a push and a counter in a transaction (D9)",
        most: 4.0,
        shown: Shown::Times("the two writes alone"),
        measure: |parts| worst(parts, "a push and a counter", |figure| figure.to_floor),
    },
    Promise {
        what: "a transaction of 100 writes (D9)",
        most: 2.0,
        shown: Shown::Times("floor"),
        measure: |parts| worst(parts, HUNDRED, |figure| figure.to_floor),
    },
    Promise {
        what: "`set` and its changeset as bytes (D6), over the floor",
        most: 200.0,
        shown: Shown::As(Unit::Nanoseconds),
        measure: |parts| worst(parts, "set a field of an entry, and its bytes", above_floor),
    },
    Promise {
        what: "a commit of 100 entries of a log (L9)",
        most: 4.0,
        shown: Shown::Times("a commit of one"),
        measure: |parts| to_one(parts, "commit of N entries", ["N = 100", "N = 1"]),
    },
    Promise {
        what: "a write of 100 writers of a log, `fsync` of 5 ms (L9)",
        most: 0.02,
        shown: Shown::Times("a write of one writer"),
        measure: |parts| {
            to_one(parts, "durable writes, `fsync` of 5 ms, N writers", ["N = 100", "N = 1"])
        },
    },
    Promise {
        what: "a write of one writer on NATS (L9)",
        most: 1.5,
        shown: Shown::Times("a bare publish"),
        measure: |parts| worst(parts, NATS, |figure| figure.to_floor),
    },
    Promise {
        what: "a write of 100 writers on NATS (L9)",
        most: 0.1,
        shown: Shown::Times("a write of one writer"),
        measure: |parts| to_one(parts, NATS, ["100 writers of one process", "one writer"]),
    },
    Promise {
        what: "recovery of 10 MB and 100,000 entries (L8)",
        most: 1e9,
        shown: Shown::As(Unit::Nanoseconds),
        measure: |parts| median(parts, "recovery", "10 MB and 100,000 entries", "sprag"),
    },
    Promise {
        what: "delay of a commit in browsers, 99 of 100, 1,000 readers (W9)",
        most: 1.1,
        shown: Shown::Times("a plain broadcast"),
        measure: |parts| {
            worst(parts, "delay of a commit, 99 of 100", |figure| {
                figure.to_floor.filter(|_| figure.case == "1000 readers")
            })
        },
    },
    Promise {
        what: "an idle stream of a browser (W9), over a plain axum stream",
        most: 4_096.0,
        shown: Shown::As(Unit::Bytes),
        measure: |parts| {
            worst(parts, "memory of an idle stream", |figure| {
                above_floor(figure).filter(|_| figure.case == "1000 readers")
            })
        },
    },
    Promise {
        what: "lost updates, panics, deliveries out of order",
        most: 0.0,
        shown: Shown::As(Unit::Count),
        measure: |parts| {
            let cases = ["lost updates", "panics", "out of order"];
            let fault = |case| median(parts, "threads: faults in all runs", case, "sprag");
            cases.into_iter().map(fault).sum()
        },
    },
    Promise {
        what: "derive on 100 structs of 10 fields, `cargo check`",
        most: 1.0,
        shown: Shown::Times("`serde`'s two derives"),
        measure: |parts| {
            let check = |contestant| {
                median(parts, "100 structs of 10 fields", "`cargo check` of all", contestant)
            };
            Some(check("sprag")? / check("serde")?)
        },
    },
];

/// A line for each promise, and whether it is kept.
pub(crate) fn table(parts: &[Results]) -> String {
    let mut text = String::from("| what | promised | measured | kept |\n|---|--:|--:|---|\n");
    for promise in PROMISES {
        let measured = (promise.measure)(parts);
        let shown = measured.map_or_else(|| "not run".into(), |value| promise.show(value));
        let kept = match measured {
            Some(value) if promise.is_kept(value) => "yes",
            Some(_) => "**no**",
            None => "",
        };
        let most = promise.show(promise.most);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {} | ≤ {most} | {shown} | {kept} |", promise.what);
    }
    text
}

impl Promise {
    /// A ratio counts as it is shown, with two digits.
    fn is_kept(&self, value: f64) -> bool {
        match self.shown {
            Shown::As(_) => value <= self.most,
            Shown::Times(_) => (value * 100.0).round() <= (self.most * 100.0).round(),
        }
    }

    fn show(&self, value: f64) -> String {
        match self.shown {
            Shown::As(unit) => unit.show(value),
            Shown::Times(what) => format!("{value:.2} × {what}"),
        }
    }
}

fn median(parts: &[Results], scenario: &str, case: &str, contestant: &str) -> Option<f64> {
    find(parts, scenario, case, contestant).map(|figure| figure.spread.median)
}

/// The worst of sprag's figures over all cases of a scenario.
fn worst(parts: &[Results], scenario: &str, value: fn(&Figure) -> Option<f64>) -> Option<f64> {
    let figures = parts.iter().flat_map(|part| &part.figures);
    let ours = figures.filter(|figure| figure.scenario == scenario && figure.role == Role::Sprag);
    ours.filter_map(value).reduce(f64::max)
}

/// How much longer a figure is than the floor of the same case.
fn above_floor(figure: &Figure) -> Option<f64> {
    let median = figure.spread.median;
    figure.to_floor.map(|ratio| median - median / ratio)
}

/// The figure of one case of sprag beside that of another.
fn to_one(parts: &[Results], scenario: &str, cases: [&str; 2]) -> Option<f64> {
    let [many, one] = cases.map(|case| median(parts, scenario, case, "sprag"));
    Some(many? / one?)
}

/// The scenario of L9 on NATS.
const NATS: &str = "NATS, write of one field";

/// The scenario of D9 with many writes.
const HUNDRED: &str = "100 writes of a field of an entry";

/// The worst ratio of sprag's time with 1,000,000 entries to that with 1,000.
fn growth(parts: &[Results]) -> Option<f64> {
    let edge = &parts.iter().find(|part| part.part() == "edge")?.figures;
    let ours = |figure: &&Figure| matches!(figure.role, Role::Sprag | Role::Variant);
    let large = edge.iter().filter(ours).filter(|figure| figure.case == "1,000,000 entries");
    let ratio = |large: &Figure| {
        let same = |small: &&Figure| {
            small.scenario == large.scenario && small.contestant == large.contestant
        };
        let small = edge.iter().filter(same).find(|figure| figure.case == "1,000 entries")?;
        Some(large.spread.median / small.spread.median)
    };
    large.filter_map(ratio).reduce(f64::max)
}

/// The worst ratio to quick_cache.
fn keyed(parts: &[Results], contestant: &str) -> Option<f64> {
    let figures = || parts.iter().flat_map(|part| &part.figures);
    let of = |case: &str, name: &str| {
        let found = figures().find(|figure| {
            figure.scenario == "keyed hit" && figure.case == case && figure.contestant == name
        });
        found.map(|figure| figure.spread.median)
    };
    let cases = figures().filter(|figure| figure.contestant == contestant);
    let ratio =
        |figure: &Figure| Some(of(&figure.case, contestant)? / of(&figure.case, "quick_cache")?);
    cases.filter_map(ratio).reduce(f64::max)
}
