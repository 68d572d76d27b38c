//! Which written places contain one another, so that one write may undo another's.

use smallvec::{SmallVec, smallvec};

use crate::cell::write::{EntryRange, WrittenPlace};
use crate::path::{EntryId, Location};

/// A written place as numbers, in an order in which a place precedes the places that it
/// contains.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Region {
    /// The node of the root's tree, then each entry with the node of its tree.
    steps: SmallVec<[(Option<EntryId>, u32); 2]>,
    /// The size of the last node's subtree.
    count: u32,
}

/// For each place whether another one of them contains it, or is inside it.
pub(super) fn overlapping(edits: &[&WrittenPlace]) -> Vec<bool> {
    let mut overlaps = vec![false; edits.len()];
    let regions = edits.iter().enumerate();
    let regions =
        regions.flat_map(|(at, edit)| regions_of(edit).into_iter().map(move |region| (region, at)));
    let mut regions: Vec<(Region, usize)> = regions.collect();
    regions.sort_unstable();
    // The places that contain the present one, outermost first.
    let mut around: Vec<&(Region, usize)> = Vec::new();
    for inner in &regions {
        while around.last().is_some_and(|outer| !outer.0.contains(&inner.0)) {
            around.pop();
        }
        if let Some(outer) = around.last() {
            (overlaps[outer.1], overlaps[inner.1]) = (true, true);
        }
        around.push(inner);
    }
    overlaps
}

/// The places that an edit changes.
fn regions_of(edit: &WrittenPlace) -> SmallVec<[Region; 1]> {
    let at = |id| Region::of(&edit.location, id);
    match edit.range() {
        Some(EntryRange::One(id)) => smallvec![at(Some(*id))],
        Some(EntryRange::These(ids)) => ids.iter().map(|id| at(Some(*id))).collect(),
        // Elements that move are all of the list.
        Some(EntryRange::From(_)) | None => smallvec![at(None)],
    }
}

impl Region {
    fn of(location: &Location, entry: Option<EntryId>) -> Self {
        let keys = location.keys.iter().map(|(id, node)| (Some(*id), *node));
        let nodes = [(None, location.node)].into_iter().chain(keys);
        let entry = entry.map(|id| ((Some(id), 0), u32::MAX));
        let mut count = 0;
        let mut steps: SmallVec<[_; 2]> = nodes
            .map(|(id, node)| {
                count = node.count;
                (id, node.id)
            })
            .collect();
        if let Some((step, nodes)) = entry {
            steps.push(step);
            count = nodes;
        }
        Self { steps, count }
    }

    fn contains(&self, other: &Self) -> bool {
        let Some(((entry, node), way)) = self.steps.split_last() else { return true };
        let Some((other_entry, other_node)) = other.steps.get(way.len()) else { return false };
        other.steps.starts_with(way)
            && entry == other_entry
            && (*node..node.saturating_add(self.count)).contains(other_node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::Node;

    /// The node `id` with `count` nodes, or a node behind an element of the list there.
    fn place(id: u32, count: u32, behind: Option<(usize, u32, u32)>) -> WrittenPlace {
        let behind = behind.map(|(at, id, count)| (EntryId::Index(at), Node { id, count }));
        let location = Location { node: Node { id, count }, keys: behind.into_iter().collect() };
        WrittenPlace { location, entries: None }
    }

    #[test]
    fn d9_places_overlap_that_are_around_or_inside_each_other() {
        let (part, inside) = (place(1, 4, None), place(4, 1, None));
        let (list, element) = (place(5, 1, None), place(5, 1, Some((0, 0, 3))));
        let (field, other) = (place(5, 1, Some((0, 2, 1))), place(5, 1, Some((1, 0, 3))));

        let overlaps = |places: [&WrittenPlace; 3]| overlapping(&places);
        assert_eq!(overlaps([&inside, &list, &part]), [true, false, true]);
        assert_eq!(overlaps([&field, &other, &element]), [true, false, true]);
        assert_eq!(overlaps([&other, &part, &list]), [true, false, true]);
        assert_eq!(overlaps([&field, &inside, &field]), [true, false, true]);
        assert_eq!(overlaps([&field, &other, &part]), [false; 3]);
        assert_eq!(overlaps([&place(0, 6, None), &field, &part]), [true; 3]);
    }
}
