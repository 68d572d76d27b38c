//! A file with all its mutants, each behind a switch.
//!
//! Only one mutant is active at a time. So the changed form of an expression has the original
//! text of its operands, and the text grows by the depth of the expressions and not by the
//! number of combinations.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use super::list::{Genre, Mutant, Point};
use super::nodes::{Expressions, Extent};

/// The number of a mutant: its place in the list of the run.
pub(crate) type Number = usize;

/// A range of the original text that is wrapped, with its mutants.
struct Site {
    range: Range<usize>,
    /// Orders sites of the same range: the lowest is outermost.
    depth: u8,
    /// The text before the range, in pieces of one mutant each.
    before: Vec<(Number, String)>,
    /// Ends `before`.
    opening: &'static str,
    closing: &'static str,
}

/// The changed text of a file, and the places of its mutants in it.
#[derive(Debug, Default)]
pub(crate) struct Switched {
    pub(crate) text: String,
    /// The text of each mutant.
    pieces: Vec<(Range<usize>, Number)>,
    /// The wrapped ranges, with the mutants of each.
    sites: Vec<(Range<usize>, Vec<Number>)>,
    /// The places where original text begins: in `text`, and in the original.
    copied: Vec<(usize, usize)>,
    functions: Vec<(Range<usize>, Number)>,
}

impl Site {
    fn new(genre: Genre, range: Range<usize>, depth: u8) -> Self {
        let (opening, closing) = match genre {
            _ if range.is_empty() => ("", ""),
            Genre::MatchArm => ("(", ")"),
            _ => ("{ ", " })"),
        };
        Self { range, depth, before: Vec::new(), opening, closing }
    }
}

impl Switched {
    /// The mutants to blame for an error in `span`: the one whose text has the error, those
    /// of the smallest site around the error, or those of the function around it.
    pub(crate) fn blamed(&self, span: &Range<usize>) -> Vec<Number> {
        if let Some(number) = self.within(span) {
            return vec![number];
        }
        let around = |range: &Range<usize>| range.start <= span.start && span.end <= range.end;
        let sites = self.sites.iter().filter(|(range, _)| around(range));
        if let Some((_, numbers)) = sites.min_by_key(|(range, _)| range.len()) {
            return numbers.clone();
        }
        let at = self.original(span.start);
        let functions = self.functions.iter().filter(|(range, _)| range.contains(&at));
        functions.map(|(_, number)| *number).collect()
    }

    /// The mutant whose own text contains `span`.
    pub(crate) fn within(&self, span: &Range<usize>) -> Option<Number> {
        let pieces = self.pieces.iter();
        let around = pieces.filter(|(piece, _)| piece.start <= span.start && span.end <= piece.end);
        around.min_by_key(|(piece, _)| piece.len()).map(|(_, number)| *number)
    }

    /// The mutants that the text has.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Number> {
        self.pieces.iter().map(|(_, number)| *number)
    }

    fn original(&self, at: usize) -> usize {
        let next = self.copied.partition_point(|(changed, _)| *changed <= at);
        next.checked_sub(1).map_or(0, |index| self.copied[index].1 + at - self.copied[index].0)
    }
}

/// Writes the mutants of one file into its text. A mutant that has no switch is left out.
pub(crate) fn switched(text: &str, mutants: &[(Number, &Mutant)]) -> syn::Result<Switched> {
    let nodes = Expressions::of(text)?;
    let offsets = Offsets::of(text);
    let mut sites = BTreeMap::new();
    for (number, mutant) in mutants {
        let Some((range, depth)) = place(mutant, &nodes, &offsets) else { continue };
        let piece = piece(*number, mutant, text, &range, &offsets);
        let key = (range.start, Reverse(range.end), depth);
        let site = sites.entry(key).or_insert_with(|| Site::new(mutant.genre, range, depth));
        site.before.push((*number, piece));
    }
    let mut switched = render(text, &sites.into_values().collect::<Vec<_>>());
    let function = |mutant: &Mutant| offsets.range(mutant.function.start, mutant.function.end);
    let functions = mutants.iter().map(|(number, mutant)| (function(mutant), *number));
    switched.functions = functions.collect();
    Ok(switched)
}

/// The range that the switch of a mutant wraps; empty where the switch is text alone.
fn place(mutant: &Mutant, nodes: &Expressions, offsets: &Offsets) -> Option<(Range<usize>, u8)> {
    let start = mutant.span.start;
    let range = |extent: &Extent| offsets.range(extent.start, extent.end);
    match mutant.genre {
        // Both branches would need one type.
        Genre::FnValue if mutant.return_type.contains("impl ") => None,
        Genre::FnValue => Some((offsets.range(start, start), 0)),
        Genre::BinaryOperator => Some((range(nodes.binary.get(&start)?), 4)),
        Genre::UnaryOperator => Some((range(nodes.unary.get(&start)?), 3)),
        Genre::StructField => Some((range(nodes.structs.get(&start)?), 2)),
        Genre::MatchArmGuard => {
            let guarded =
                |arm: &&super::nodes::ArmParts| arm.guard.is_some_and(|of| of.start == start);
            nodes.arms.values().find(guarded)?;
            Some((offsets.range(start, mutant.span.end), 1))
        }
        Genre::MatchArm => {
            let arm = nodes.arms.get(&start)?;
            let end = arm.pattern.end;
            Some((arm.guard.as_ref().map_or_else(|| offsets.range(end, end), range), 0))
        }
    }
}

/// The text that one mutant adds before its range.
fn piece(
    number: Number,
    mutant: &Mutant,
    text: &str,
    range: &Range<usize>,
    offsets: &Offsets,
) -> String {
    let is_active = format!("crate::__mutants::is_active({number})");
    let token = offsets.range(mutant.span.start, mutant.span.end);
    let changed = || {
        let (before, after) = (&text[range.start..token.start], &text[token.end..range.end]);
        format!("if {is_active} {{ {before}{}{after} }} else ", mutant.replacement)
    };
    match mutant.genre {
        Genre::FnValue => format!("if {is_active} {{ return {}; }} ", mutant.replacement),
        Genre::MatchArm if range.is_empty() => format!(" if !{is_active}"),
        Genre::MatchArm => format!("!{is_active} && "),
        Genre::MatchArmGuard => format!("if {is_active} {{ {} }} else ", mutant.replacement),
        Genre::BinaryOperator | Genre::UnaryOperator | Genre::StructField => changed(),
    }
}

/// Writes `text` with its sites.
fn render(text: &str, sites: &[Site]) -> Switched {
    let mut switched = Switched::default();
    let mut starts = vec![0; sites.len()];
    let mut done = 0;
    for (at, is_end, index) in events(sites) {
        copy(&mut switched, text, done..at);
        done = at;
        let site = &sites[index];
        if is_end {
            switched.text.push_str(site.closing);
            let numbers = site.before.iter().map(|(number, _)| *number).collect();
            switched.sites.push((starts[index]..switched.text.len(), numbers));
        } else {
            starts[index] = switched.text.len();
            open(&mut switched, site);
        }
    }
    copy(&mut switched, text, done..text.len());
    switched
}

/// The beginnings and ends of the sites in the order of the text: the place, whether it is an
/// end, and the site. At the same place, ends come before beginnings, inner ends before outer
/// ones, and outer beginnings before inner ones; sites without a range come between.
fn events(sites: &[Site]) -> impl Iterator<Item = (usize, bool, usize)> {
    let mut events = Vec::new();
    for (index, site) in sites.iter().enumerate() {
        let Range { start, end } = site.range;
        if start < end {
            events.push(((end, 0, usize::MAX - start, u8::MAX - site.depth), index));
            events.push(((start, 2, usize::MAX - end, site.depth), index));
        } else {
            events.push(((start, 1, 0, site.depth), index));
        }
    }
    events.sort_unstable();
    events.into_iter().map(|((at, kind, ..), index)| (at, kind == 0, index))
}

fn copy(switched: &mut Switched, text: &str, range: Range<usize>) {
    switched.copied.push((switched.text.len(), range.start));
    switched.text.push_str(&text[range]);
}

fn open(switched: &mut Switched, site: &Site) {
    // The pieces of a guard or an operator are one `if` in parentheses.
    if site.closing == " })" {
        switched.text.push('(');
    }
    for (number, piece) in &site.before {
        let start = switched.text.len();
        switched.text.push_str(piece);
        switched.pieces.push((start..switched.text.len(), *number));
    }
    switched.text.push_str(site.opening);
}

/// The places in bytes of the lines of a text.
struct Offsets<'a> {
    text: &'a str,
    lines: Vec<usize>,
}

impl<'a> Offsets<'a> {
    fn of(text: &'a str) -> Self {
        let ends = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, lines: std::iter::once(0).chain(ends).collect() }
    }

    fn at(&self, point: Point) -> usize {
        let start = self.lines[point.line - 1];
        let mut characters = self.text[start..].char_indices();
        characters.nth(point.column - 1).map_or(self.text.len(), |(at, _)| start + at)
    }

    fn range(&self, start: Point, end: Point) -> Range<usize> {
        self.at(start)..self.at(end)
    }
}

#[cfg(test)]
mod tests {
    use super::super::list::Span;
    use super::*;

    const TEXT: &str = "fn f(a: bool) -> bool {\n    match a {\n        true if a && !a => a,\n        \
                        _ => false,\n    }\n}\n";

    fn mutant(genre: Genre, columns: Range<usize>, replacement: &str) -> Mutant {
        let line = if genre == Genre::FnValue { 2 } else { 3 };
        let point = |column| Point { line, column };
        let span = Span { start: point(columns.start), end: point(columns.end) };
        Mutant {
            key: String::new(),
            package: String::new(),
            file: String::new(),
            function: span,
            return_type: "-> bool".to_owned(),
            span,
            replacement: replacement.to_owned(),
            genre,
            text: 0,
        }
    }

    #[test]
    fn mutants_inside_of_each_other_have_their_switches() {
        let mutants = [
            mutant(Genre::FnValue, 5..10, "true"),
            mutant(Genre::MatchArm, 9..30, ""),
            mutant(Genre::MatchArmGuard, 17..24, "true"),
            mutant(Genre::BinaryOperator, 19..21, "||"),
            mutant(Genre::UnaryOperator, 22..23, ""),
        ];
        let numbered: Vec<_> = mutants.iter().enumerate().collect();
        let switched = switched(TEXT, &numbered).expect("the text parses");
        let text = switched.text.replace("crate::__mutants::is_active", "on");
        let expected = "fn f(a: bool) -> bool {\n    if on(0) { return true; } match a {\n        \
            true if !on(1) && ((if on(2) { true } else { (if on(3) { a || !a } else { \
            a && (if on(4) { a } else { !a }) }) })) => a,\n        _ => false,\n    }\n}\n";
        assert_eq!(text, expected);
        let at = switched.text.find("a || !a").expect("the mutant is there");
        assert_eq!(switched.within(&(at..at + 7)), Some(3));
        assert_eq!(switched.numbers().count(), 5);
    }
}
