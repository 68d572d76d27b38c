//! How the cost of a write grows, as SVG: both axes logarithmic, a line for each
//! contestant, its name at the line's end.
//!
//! The background is transparent and all colours are of middle lightness, so that the
//! plots can be read on white and on black.

use std::error::Error;
use std::path::Path;

use bench_harness::Figure;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const GREY: RGBColor = RGBColor(0x80, 0x88, 0x90);
/// A prefix of contestants' names, and its colour in every plot; other lines are grey.
const COLOURS: &[(&str, RGBColor)] = &[
    ("sprag", RGBColor(0xd9, 0x48, 0x3b)),
    ("reactive_stores", RGBColor(0x3b, 0x82, 0xd0)),
    ("dioxus-stores", RGBColor(0x2e, 0x96, 0x57)),
    ("eyeball", RGBColor(0x9b, 0x62, 0xc9)),
    ("tokio", RGBColor(0xb8, 0x7a, 0x16)),
    ("futures-signals", RGBColor(0x1b, 0x94, 0x9c)),
    ("arc-swap", RGBColor(0xc2, 0x54, 0x8f)),
];

/// A line: a name, a colour, and its points.
struct Line {
    name: String,
    colour: RGBColor,
    width: u32,
    points: Vec<(f64, f64)>,
}

/// Draws nanoseconds of a write over the number N in the names of a scenario's cases.
pub(crate) fn write_cost(
    file: &Path,
    figures: &[Figure],
    scenario: &str,
    axis: &str,
) -> Result<(), Box<dyn Error>> {
    let lines = lines(figures, scenario);
    let points = || lines.iter().flat_map(|line| &line.points);
    let Some(most_x) = points().map(|point| point.0).reduce(f64::max) else { return Ok(()) };
    let most_y = points().map(|point| point.1).fold(0.0, f64::max);
    let root = SVGBackend::new(file, (820, 440)).into_drawing_area();
    let font = ("sans-serif", 14).into_font().color(&GREY);
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .margin_right(190)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d((1.0..most_x).log_scale(), (3.0..most_y * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(GREY)
        .label_style(font.clone())
        .axis_desc_style(font.clone())
        .x_desc(axis)
        .y_desc("one write")
        .x_label_formatter(&|n| bench_harness::grouped(*n as u64))
        .y_label_formatter(&|time| bench_harness::Unit::Nanoseconds.show(*time))
        .draw()?;
    let mut taken = Vec::new();
    for line in &lines {
        let style = line.colour.stroke_width(line.width);
        chart.draw_series(LineSeries::new(line.points.iter().copied(), style))?;
        let marks = line.points.iter().map(|point| Circle::new(*point, 3, line.colour.filled()));
        chart.draw_series(marks)?;
        let Some(end) = line.points.last() else { continue };
        let (x, y) = chart.backend_coord(end);
        let y = free(y, &mut taken);
        let label = ("sans-serif", 14).into_font().color(&line.colour);
        let label = label.pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(line.name.clone(), (x + 10, y), label))?;
    }
    root.present()?;
    Ok(())
}

/// A line for each contestant of the scenario; N = 0 has no place on the axis.
fn lines(figures: &[Figure], scenario: &str) -> Vec<Line> {
    let mut lines = Vec::<Line>::new();
    for figure in figures.iter().filter(|figure| figure.scenario == scenario) {
        let number = figure.case.trim_start_matches("N = ").replace(',', "").parse::<f64>();
        let Some(n) = number.ok().filter(|n| *n > 0.0) else { continue };
        let (name, point) = (plain(&figure.contestant), (n, figure.spread.median));
        match lines.iter_mut().find(|line| line.name == name) {
            Some(line) => line.points.push(point),
            None => lines.push(Line::new(name, point)),
        }
    }
    lines
}

impl Line {
    fn new(name: String, first: (f64, f64)) -> Self {
        let known = COLOURS.iter().find(|(begins, _)| name.starts_with(begins));
        let colour = known.map_or(GREY, |(_, colour)| *colour);
        let width = if name.starts_with("sprag") { 3 } else { 2 };
        Self { name, colour, width, points: vec![first] }
    }
}

/// A plot knows no Markdown.
fn plain(name: &str) -> String {
    name.replace('`', "")
}

/// The nearest free height for a label.
fn free(wanted: i32, taken: &mut Vec<i32>) -> i32 {
    let clear = |y: &i32| taken.iter().all(|other| (y - other).abs() >= 15);
    let near = (0..400).flat_map(|step| [wanted - step, wanted + step]);
    let y = near.into_iter().find(clear).unwrap_or(wanted);
    taken.push(y);
    y
}
