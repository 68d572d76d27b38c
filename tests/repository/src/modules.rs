//! The rules for the runtime's modules: imports point down the list in ARCHITECTURE.md,
//! and files import each other in a circle only where the types need it.

use std::collections::{BTreeMap, BTreeSet};

use crate::imports::{Module, imports};
use crate::{files, report};

/// How many files of `cell` may import each other in a circle: a commit, its subscribers and
/// their delivery name each other.
///
/// Lower the number when the circle has become smaller, and raise it never.
const CIRCLE_IN_CELL: usize = 7;

/// The same in any other module: a face and the parts behind it, or two types that name
/// each other.
const CIRCLE_ELSEWHERE: usize = 3;

#[test]
fn imports_point_down() {
    let ranks = ranks();
    let rank = |module: &Module| {
        let top = module.first().expect("a module other than the root");
        ranks.get(top).copied()
    };
    let imports = imports();
    let mut mistakes = Vec::new();
    for (from, to) in imports.iter().filter(|(_, to)| !to.is_empty()) {
        let (Some(from_rank), Some(to_rank)) = (rank(from), rank(to)) else {
            mistakes.push(format!("{} or {} is not in the list", shown(from), shown(to)));
            continue;
        };
        if to_rank < from_rank {
            mistakes.push(format!("{} imports {}", shown(from), shown(to)));
        }
    }
    report(&mistakes);
}

#[test]
fn circles_of_imports_are_small() {
    let imports = imports();
    let circles = circles(&imports);
    let mistakes = circles.iter().filter_map(|circle| {
        let tops: BTreeSet<&str> = circle.iter().map(|module| module[0].as_str()).collect();
        let allowed = if tops.contains("cell") { CIRCLE_IN_CELL } else { CIRCLE_ELSEWHERE };
        let is_fine = tops.len() == 1 && circle.len() <= allowed;
        let names: Vec<String> = circle.iter().map(|module| shown(module)).collect();
        (!is_fine).then(|| format!("{} files: {}", circle.len(), names.join(", ")))
    });
    report(&mistakes.collect::<Vec<_>>());
}

/// The row of each module in the list of ARCHITECTURE.md.
fn ranks() -> BTreeMap<String, usize> {
    let pages = files(&["md"]);
    let page = pages.iter().find(|page| page.path.ends_with("ARCHITECTURE.md"));
    let text = &page.expect("it is in the root").text;
    let (_, section) = text.split_once("## The modules of the runtime").expect("the section");
    let rows = section.lines().skip_while(|line| !line.starts_with("| `"));
    let rows = rows.take_while(|line| line.starts_with('|')).enumerate();
    let modules = rows.flat_map(|(rank, row)| {
        let cell = row.split('|').nth(1).expect("a table has cells");
        cell.split('`').skip(1).step_by(2).map(move |name| (name.to_owned(), rank))
    });
    modules.collect()
}

/// The sets of files that import each other, directly or through others.
fn circles(imports: &BTreeSet<(Module, Module)>) -> Vec<BTreeSet<&Module>> {
    let nodes: BTreeSet<&Module> = imports.iter().flat_map(|(a, b)| [a, b]).collect();
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        nodes.iter().map(|node| (*node, reachable(imports, node))).collect();
    let mut circles: Vec<BTreeSet<&Module>> = Vec::new();
    for node in nodes {
        let others = reached[node].iter().filter(|other| reached[*other].contains(node));
        let circle: BTreeSet<&Module> = others.copied().collect();
        if circle.len() > 1 && !circles.contains(&circle) {
            circles.push(circle);
        }
    }
    circles
}

fn reachable<'a>(imports: &'a BTreeSet<(Module, Module)>, from: &Module) -> BTreeSet<&'a Module> {
    let mut found: BTreeSet<&Module> = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for (_, to) in imports.iter().filter(|(from, _)| from == module) {
            if found.insert(to) {
                open.push(to);
            }
        }
    }
    found
}

fn shown(module: &[String]) -> String {
    format!("`{}`", module.join("::"))
}

#[test]
fn circles_are_found() {
    let module = |name: &str| vec![name.to_owned()];
    let arrow = |(a, b): (&str, &str)| (module(a), module(b));
    let imports = [("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")].map(arrow).into();

    let found = circles(&imports);

    assert_eq!(found, [BTreeSet::from([&module("a"), &module("b"), &module("c")])]);
}
