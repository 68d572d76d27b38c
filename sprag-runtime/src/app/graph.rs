//! The graph of an app's services. The compiler finds a cycle of dependencies; the start
//! finds the order.
//!
//! Both use the one walk in [`find_cycle`], over the edges of all nodes in one list.

use std::any::TypeId;
use std::collections::HashMap;

use super::node::ServiceNode;
use crate::const_text::ConstText;
use crate::service::expansion::Edges;

/// Has the compiler report the first cycle among the dependencies of `nodes`. `N` is the
/// number of nodes, `E` that of their edges.
#[track_caller]
pub const fn acyclic<const N: usize, const E: usize>(nodes: &[ServiceNode]) {
    let (mut targets, mut starts) = ([0; E], [0; N]);
    let (mut at, mut end) = (0, 0);
    while at < N {
        starts[at] = end;
        end = collect(&nodes[at].edges, &mut targets, end);
        at += 1;
    }
    let (mut path, mut next, mut seen) = ([0; N], starts, [Seen::Not; N]);
    let length = find_cycle(&starts, &targets, &mut path, &mut next, &mut seen);
    if length > 0 {
        panic!("{}", spell(nodes, &path, length).as_str());
    }
}

/// The only entry of `indices`. Without exactly one, evaluation fails with `message`.
#[track_caller]
pub const fn only(indices: &[usize], message: &'static str) -> usize {
    match indices {
        [index] => *index,
        _ => panic!("{}", message),
    }
}

/// The dependency on the only entry of `indices`. Without exactly one, evaluation fails
/// with `message`.
pub const fn only_edge(indices: &[usize], message: &'static str) -> Edges {
    match indices {
        [index] => Edges::One(*index),
        _ => Edges::Unclear(message),
    }
}

/// The number of edges of `nodes`.
pub const fn edge_count(nodes: &[ServiceNode]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < nodes.len() {
        count += count_of(&nodes[at].edges);
        at += 1;
    }
    count
}

const fn count_of(edges: &Edges) -> usize {
    match edges {
        Edges::None | Edges::Unclear(_) => 0,
        Edges::One(_) => 1,
        Edges::Both(one, other) => count_of(one) + count_of(other),
    }
}

/// Writes the indices in `edges` to `targets` from `end` on, and returns the new end.
#[track_caller]
const fn collect(edges: &Edges, targets: &mut [usize], end: usize) -> usize {
    match edges {
        Edges::None => end,
        Edges::Unclear(message) => panic!("{}", *message),
        Edges::One(index) => {
            targets[end] = *index;
            end + 1
        }
        Edges::Both(one, other) => {
            let end = collect(one, targets, end);
            collect(other, targets, end)
        }
    }
}

/// The state of a node in the walk: the three colours of a depth-first search.
#[derive(Clone, Copy)]
enum Seen {
    Not,
    /// The node is on the current path.
    OnPath,
    /// No cycle contains the node.
    Done,
}

/// Walks all nodes depth first, each edge once. The edges of a node begin at its entry of
/// `starts` in `targets`, and end at the entry of the next node.
///
/// Returns the length of the first cycle, which is then at the beginning of `path`;
/// 0 without one. `next` has the values of `starts`; every node is `Seen::Not`.
const fn find_cycle(
    starts: &[usize],
    targets: &[usize],
    path: &mut [usize],
    next: &mut [usize],
    seen: &mut [Seen],
) -> usize {
    let mut root = 0;
    while root < starts.len() {
        let mut depth = 0;
        if let Seen::Not = seen[root] {
            path[0] = root;
            seen[root] = Seen::OnPath;
            depth = 1;
        }
        while depth > 0 {
            let at = path[depth - 1];
            let end = if at + 1 < starts.len() { starts[at + 1] } else { targets.len() };
            if next[at] == end {
                seen[at] = Seen::Done;
                depth -= 1;
                continue;
            }
            let target = targets[next[at]];
            next[at] += 1;
            match seen[target] {
                Seen::Done => {}
                Seen::OnPath => return move_to_front(path, depth, target),
                Seen::Not => {
                    seen[target] = Seen::OnPath;
                    path[depth] = target;
                    depth += 1;
                }
            }
        }
        root += 1;
    }
    0
}

/// Moves the part of `path[..depth]` that begins with `first` to the beginning, and
/// returns its length.
const fn move_to_front(path: &mut [usize], depth: usize, first: usize) -> usize {
    let (mut begin, mut length) = (0, 0);
    while path[begin] != first {
        begin += 1;
    }
    while begin + length < depth {
        path[length] = path[begin + length];
        length += 1;
    }
    length
}

/// The length up to which a cycle is spelt out; of a longer one, the names at both ends.
const SPELT: usize = 12;

const fn spell(nodes: &[ServiceNode], path: &[usize], length: usize) -> ConstText {
    let mut cycle = ConstText::new();
    cycle.push("dependency cycle: ");
    let mut at = 0;
    while at < length {
        if length > 2 * SPELT && at == SPELT {
            cycle.push("… -> ");
            at = length - SPELT;
        }
        cycle.push(nodes[path[at]].name);
        cycle.push(" -> ");
        at += 1;
    }
    cycle.push(nodes[path[0]].name);
    cycle
}

/// Which services start after which, as indices of the app's nodes.
pub(crate) struct ServiceOrder {
    /// For each service, the services that it starts after and stops before: its
    /// dependencies and its `wants`.
    pub(crate) after: Vec<Vec<usize>>,
    /// For each service, the services that it depends on and cannot run without.
    pub(crate) depends_on: Vec<Vec<usize>>,
}

impl ServiceOrder {
    /// The same order of the services `kept` alone.
    pub(crate) fn restricted(&self, kept: &[usize]) -> Self {
        let restrict = |lists: &[Vec<usize>]| -> Vec<Vec<usize>> {
            let place = |at: &usize| kept.iter().position(|kept| kept == at);
            kept.iter().map(|&at| lists[at].iter().filter_map(place).collect()).collect()
        };
        Self { after: restrict(&self.after), depends_on: restrict(&self.depends_on) }
    }

    /// The order of one service.
    pub(crate) fn single() -> Self {
        Self { after: vec![Vec::new()], depends_on: vec![Vec::new()] }
    }
}

/// The order of `nodes`. Optional dependencies and `wants` are found here, by type.
///
/// # Errors
///
/// The cycle that an optional dependency or a `wants` closes.
pub(crate) fn order(nodes: &[ServiceNode]) -> Result<ServiceOrder, String> {
    let mut order = ServiceOrder { after: Vec::new(), depends_on: Vec::new() };
    for Relations { depends_on, wants } in relations(nodes) {
        order.after.push(distinct(vec![depends_on.clone(), wants]));
        order.depends_on.push(depends_on);
    }
    match cycle_of(&order.after) {
        Some(cycle) => Err(spelt(nodes, &cycle)),
        None => Ok(order),
    }
}

/// The relations of one service to others, as indices.
pub(crate) struct Relations {
    /// The services that it cannot run without.
    pub(crate) depends_on: Vec<usize>,
    /// The services that it starts after.
    pub(crate) wants: Vec<usize>,
}

/// The relations of each node.
pub(crate) fn relations(nodes: &[ServiceNode]) -> Vec<Relations> {
    let found = found(nodes);
    let find = |at: usize, types: Vec<TypeId>| -> Vec<usize> {
        let found = types.iter().filter_map(|ty| found.get(ty)).flatten().copied();
        found.filter(|&other| other != at).collect()
    };
    let relations = nodes.iter().enumerate().map(|(at, node)| Relations {
        depends_on: distinct(vec![dependencies(node), find(at, node.optional())]),
        wants: distinct(vec![find(at, node.wants())]),
    });
    relations.collect()
}

/// For each type, the services that it leads to.
fn found(nodes: &[ServiceNode]) -> HashMap<TypeId, Vec<usize>> {
    let mut found: HashMap<TypeId, Vec<usize>> = HashMap::new();
    for (at, node) in nodes.iter().enumerate() {
        for place in node.places() {
            found.entry(place.ty).or_default().push(at);
        }
    }
    found
}

/// The dependencies that the compiler has checked.
fn dependencies(node: &ServiceNode) -> Vec<usize> {
    let mut dependencies = vec![0; count_of(&node.edges)];
    collect(&node.edges, &mut dependencies, 0);
    dependencies
}

fn distinct(lists: Vec<Vec<usize>>) -> Vec<usize> {
    let mut all = lists.concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// A cycle of `after`, its first node repeated at the end.
fn cycle_of(after: &[Vec<usize>]) -> Option<Vec<usize>> {
    let ends = after.iter().scan(0, |end, targets| {
        let start = *end;
        *end += targets.len();
        Some(start)
    });
    let starts: Vec<usize> = ends.collect();
    let (mut path, mut next) = (vec![0; after.len()], starts.clone());
    let mut seen = vec![Seen::Not; after.len()];
    let length = find_cycle(&starts, &after.concat(), &mut path, &mut next, &mut seen);
    path.truncate(length);
    let first = *path.first()?;
    path.push(first);
    Some(path)
}

fn spelt(nodes: &[ServiceNode], cycle: &[usize]) -> String {
    let names: Vec<&str> = cycle.iter().map(|&at| nodes[at].name).collect();
    names.join(" -> ")
}

#[cfg(test)]
mod tests {
    use super::cycle_of;

    #[test]
    fn a_cycle_is_found_wherever_the_walk_begins() {
        assert_eq!(cycle_of(&[vec![1], vec![2], vec![3], vec![1]]), Some(vec![1, 2, 3, 1]));
        assert_eq!(cycle_of(&[vec![], vec![0, 1]]), Some(vec![1, 1]));
        assert_eq!(cycle_of(&[vec![2], vec![], vec![1, 0]]), Some(vec![0, 2, 0]));
    }

    #[test]
    fn nodes_that_are_reached_twice_are_not_a_cycle() {
        assert_eq!(cycle_of(&[vec![1, 2], vec![3], vec![3], vec![]]), None);
        assert_eq!(cycle_of(&[]), None);
    }

    #[test]
    fn a_chain_of_any_depth_is_walked() {
        let mut chain: Vec<Vec<usize>> = (1..=100_000).map(|next| vec![next]).collect();
        chain.push(Vec::new());
        assert_eq!(cycle_of(&chain), None);
        chain[100_000] = vec![0];
        assert_eq!(cycle_of(&chain).map(|cycle| cycle.len()), Some(100_002));
    }
}
