//! Figures as tables, in Markdown that is readable in a terminal too.

use comfy_table::{Cell, CellAlignment, Table, presets::ASCII_MARKDOWN};

use crate::figure::{Figure, Role, digits};

/// One case, a line for each contestant, as it is printed while the suite runs.
pub(crate) fn case(figures: &[Figure]) -> String {
    let Some(first) = figures.first() else { return String::new() };
    let mut table = markdown();
    let title = format!("{}, {}", first.scenario, first.case);
    table.set_header([title.as_str(), "median", "p10 to p90", "× floor", "× sprag"]);
    for figure in figures {
        let (unit, spread) = (figure.unit, figure.spread);
        let range = format!("{} to {}", unit.show(spread.p10), unit.show(spread.p90));
        let ratio = |ratio: Option<f64>| ratio.map(digits).unwrap_or_default();
        let cells =
            [unit.show(spread.median), range, ratio(figure.to_floor), ratio(figure.to_sprag)];
        table.add_row(row(&figure.contestant, cells));
    }
    format!("{table}\n")
}

/// One table for each scenario: a line for each contestant, a column for each case.
pub fn matrices(figures: &[Figure]) -> String {
    let scenarios = distinct(figures, |figure| &figure.scenario);
    scenarios
        .into_iter()
        .map(|scenario| {
            let figures: Vec<_> =
                figures.iter().filter(|figure| figure.scenario == scenario).collect();
            matrix(scenario, &figures)
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn matrix(scenario: &str, figures: &[&Figure]) -> String {
    let mut table = markdown();
    let cases = distinct(figures.iter().copied(), |figure| &figure.case);
    table.set_header(row(scenario, cases.iter().map(|case| (*case).to_owned())));
    for contestant in distinct(figures.iter().copied(), |figure| &figure.contestant) {
        let cells = cases.iter().map(|case| {
            let found = figures.iter().find(|f| f.contestant == contestant && f.case == *case);
            found.map_or_else(String::new, |figure| cell(figure))
        });
        table.add_row(row(contestant, cells));
    }
    format!("{table}\n")
}

/// The median, its spread, and the more useful ratio: to the floor for sprag, to sprag for
/// the others.
fn cell(figure: &Figure) -> String {
    let mut cell = figure.unit.show(figure.spread.median);
    if figure.spread.samples > 1 {
        cell += &format!(" ±{:.0} %", figure.spread.percent());
    }
    let ratio = match figure.role {
        Role::Sprag => figure.to_floor.map(|ratio| format!(" (**{} × floor**)", digits(ratio))),
        _ => figure.to_sprag.map(|ratio| format!(" ({} ×)", digits(ratio))),
    };
    cell + &ratio.unwrap_or_default()
}

fn markdown() -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN);
    table
}

/// A name on the left, figures on the right.
fn row(name: &str, cells: impl IntoIterator<Item = String>) -> Vec<Cell> {
    let cells = cells.into_iter().map(|cell| Cell::new(cell).set_alignment(CellAlignment::Right));
    std::iter::once(Cell::new(name)).chain(cells).collect()
}

/// The different keys, in the order of their first figure.
fn distinct<'a>(
    figures: impl IntoIterator<Item = &'a Figure>,
    key: impl Fn(&'a Figure) -> &'a String,
) -> Vec<&'a str> {
    let mut keys = Vec::new();
    for figure in figures {
        if !keys.contains(&key(figure).as_str()) {
            keys.push(key(figure));
        }
    }
    keys
}
