//! The graph of an app's services: its cycles, found by the compiler, and its
//! order, found at the start.

use std::any::TypeId;

use super::node::Node;
use crate::const_text::ConstText;

/// Has the compiler spell the first cycle among the dependencies of `nodes`, of which
/// there are `N`, if there is one.
#[track_caller]
pub const fn acyclic<const N: usize>(nodes: &[Node]) {
    if let Some(cycle) = cycle::<N>(nodes) {
        panic!("{}", cycle.as_str());
    }
}

/// The first cycle among the dependencies of `nodes`, if there is one.
///
/// From each node in turn, the nodes it leads to are walked depth first; a path
/// that comes back to where it began is a cycle. `N` is the number of nodes.
const fn cycle<const N: usize>(nodes: &[Node]) -> Option<ConstText> {
    let mut start = 0;
    while start < N {
        let mut seen = [false; N];
        let mut path = [0; N];
        // How many edges of each node of the path were followed.
        let mut followed = [0; N];
        let mut depth = 1;
        path[0] = start;
        while depth > 0 {
            let at = path[depth - 1];
            let Some(edge) = nodes[at].edge(followed[depth - 1]) else {
                depth -= 1;
                continue;
            };
            followed[depth - 1] += 1;
            let Some(next) = edge else { continue };
            if next == start {
                return Some(spell(nodes, path.split_at(depth).0));
            }
            if !seen[next] {
                seen[next] = true;
                path[depth] = next;
                followed[depth] = 0;
                depth += 1;
            }
        }
        start += 1;
    }
    None
}

const fn spell(nodes: &[Node], path: &[usize]) -> ConstText {
    let mut cycle = ConstText::new();
    cycle.push("dependency cycle: ");
    let mut i = 0;
    while i < path.len() {
        cycle.push(nodes[path[i]].name);
        cycle.push(" -> ");
        i += 1;
    }
    cycle.push(nodes[path[0]].name);
    cycle
}

/// What each node comes after: what it depends on, and what it wants and is there.
///
/// # Errors
///
/// The cycle that a `wants` closes.
pub(crate) fn order(nodes: &[Node]) -> Result<Vec<Vec<usize>>, String> {
    let places: Vec<Vec<TypeId>> = nodes.iter().map(Node::places).collect();
    let find = |wanted: &TypeId| places.iter().position(|types| types.contains(wanted));
    let after = |(at, node): (usize, &Node)| {
        let wanted = node.wants().iter().filter_map(find).filter(|&other| other != at).collect();
        let mut after: Vec<usize> = [node.dependencies(), wanted].concat();
        after.sort_unstable();
        after.dedup();
        after
    };
    let after: Vec<Vec<usize>> = nodes.iter().enumerate().map(after).collect();
    match circle(&after) {
        Some(circle) => {
            let names: Vec<&str> = circle.iter().map(|&at| nodes[at].name).collect();
            Err(names.join(" -> "))
        }
        None => Ok(after),
    }
}

/// A cycle of `after`, its first node repeated at the end.
fn circle(after: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut free: Vec<bool> = vec![false; after.len()];
    // Nodes that only lead to free nodes are free; what remains leads to a cycle.
    while let Some(next) =
        (0..after.len()).find(|&at| !free[at] && after[at].iter().all(|&other| free[other]))
    {
        free[next] = true;
    }
    let mut path = vec![free.iter().position(|free| !free)?];
    loop {
        let at = *path.last()?;
        let next = *after[at].iter().find(|&&other| !free[other])?;
        if let Some(first) = path.iter().position(|&seen| seen == next) {
            path.drain(..first);
            path.push(next);
            return Some(path);
        }
        path.push(next);
    }
}
