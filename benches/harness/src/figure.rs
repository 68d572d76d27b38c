//! One measured figure: the scenario, the contestant and the value.

use serde::{Deserialize, Serialize};

use crate::spread::Spread;

/// The kind of the contestant.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The same thing by hand: the base of the ratios.
    Floor,
    /// Another implementation by hand, shown beside the floor.
    Hand,
    /// sprag.
    Sprag,
    /// Another way to do it with sprag, shown beside the first.
    Variant,
    /// A crate that a user would pick instead.
    Peer,
}

/// The unit of a figure.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Nanoseconds for one operation.
    Nanoseconds,
    /// Operations in a second: more is better.
    PerSecond,
    /// Bytes.
    Bytes,
    /// Seconds of processor time, over all cores.
    CpuSeconds,
    /// A count.
    Count,
}

/// One figure.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Figure {
    /// The scenario, such as `get by path`.
    pub scenario: String,
    /// The case of the scenario, such as `depth 4`.
    pub case: String,
    /// The name of the contestant.
    pub contestant: String,
    /// Whether the contestant is sprag, the floor or a peer.
    pub role: Role,
    /// The unit of the value.
    pub unit: Unit,
    /// The value.
    #[serde(flatten)]
    pub spread: Spread,
    /// Times the floor of the same case.
    pub to_floor: Option<f64>,
    /// Times sprag in the same case.
    pub to_sprag: Option<f64>,
}

/// Sets the ratios of the figures of one case.
pub(crate) fn compare(figures: &mut [Figure]) {
    let median_of =
        |role| figures.iter().find(|figure| figure.role == role).map(|figure| figure.spread.median);
    let (floor, sprag) = (median_of(Role::Floor), median_of(Role::Sprag));
    for figure in figures {
        let median = figure.spread.median;
        figure.to_floor = floor.filter(|floor| *floor != 0.0).map(|floor| median / floor);
        figure.to_sprag = sprag.filter(|sprag| *sprag != 0.0).map(|sprag| median / sprag);
    }
}

impl Unit {
    /// The value with three significant digits and a unit that suits it.
    pub fn show(self, value: f64) -> String {
        let (scale, unit) = match self {
            Self::Nanoseconds => pick(value, &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")]),
            Self::PerSecond => pick(value, &[(1e6, "M/s"), (1e3, "k/s"), (1.0, "/s")]),
            Self::Bytes => pick(value, &[(1e6, "MB"), (1e3, "kB"), (1.0, "B")]),
            Self::CpuSeconds => (1.0, "s"),
            Self::Count => (1.0, ""),
        };
        format!("{} {unit}", digits(value / scale)).trim_end().to_owned()
    }
}

/// The first scale that leaves at least one digit before the point, else the last.
fn pick(value: f64, scales: &[(f64, &'static str)]) -> (f64, &'static str) {
    let fits = scales.iter().find(|(scale, _)| value.abs() >= *scale);
    *fits.or(scales.last()).expect("a unit has scales")
}

/// A number with commas between its thousands.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let grouped = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
    grouped.collect::<Vec<_>>().join(",")
}

/// Three significant digits, but no digits of an integer cut off.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        v if v == v.trunc() && v < 1e6 => format!("{value:.0}"),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
