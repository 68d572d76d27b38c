//! D10: `each()` beside a plain reference.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sprag::prelude::*;

use super::{Device, Fleet, device, fleet, statuses};
use crate::domain::Log;

#[derive(Clone, Debug)]
enum Step {
    Insert(u32, u32),
    Status(u32, u32),
    Name(u32),
    Remove(u32),
    Retain(u32),
    Whole(Vec<(u32, u32)>),
    Update(u32, u32),
    Transaction(u32, u32, u32),
    Push(u32),
    InsertAt(usize, u32),
    Element(usize, u32),
    RemoveAt(usize),
    Sort,
    RetainIn(u32),
    List(Vec<u32>),
    Reset,
}

fn step() -> impl Strategy<Value = Step> {
    // Few values, so that equal writes and absent places are common.
    let (key, n, at) = (0..4u32, 0..3u32, 0..4usize);
    prop_oneof![
        (key.clone(), n.clone()).prop_map(|(key, n)| Step::Insert(key, n)),
        (key.clone(), n.clone()).prop_map(|(key, n)| Step::Status(key, n)),
        key.clone().prop_map(Step::Name),
        key.clone().prop_map(Step::Remove),
        n.clone().prop_map(Step::Retain),
        proptest::collection::vec((key.clone(), n.clone()), 0..4).prop_map(Step::Whole),
        (key.clone(), n.clone()).prop_map(|(key, n)| Step::Update(key, n)),
        (key.clone(), key, n.clone()).prop_map(|(a, b, n)| Step::Transaction(a, b, n)),
        n.clone().prop_map(Step::Push),
        (at.clone(), n.clone()).prop_map(|(at, n)| Step::InsertAt(at, n)),
        (at.clone(), n.clone()).prop_map(|(at, n)| Step::Element(at, n)),
        at.prop_map(Step::RemoveAt),
        Just(Step::Sort),
        n.clone().prop_map(Step::RetainIn),
        proptest::collection::vec(n, 0..4).prop_map(Step::List),
        Just(Step::Reset),
    ]
}

fn write(fleet: &Model<Fleet>, step: Step) {
    let (devices, queue) = (Fleet::PATHS.devices, Fleet::PATHS.queue);
    match step {
        Step::Insert(key, n) => drop(fleet.insert(devices, key, device(n))),
        Step::Status(key, n) => {
            let _ = fleet.set(devices.key(key).then(Device::PATHS.status), n);
        }
        Step::Name(key) => {
            let _ = fleet.set(devices.key(key).then(Device::PATHS.name), "a".into());
        }
        Step::Remove(key) => drop(fleet.remove(devices, key)),
        Step::Retain(n) => fleet.retain(devices, |(_, device)| device.status != n),
        Step::Whole(all) => {
            fleet.set(devices, all.into_iter().map(|(key, n)| (key, device(n))).collect());
        }
        Step::Update(key, n) => fleet.update(|fleet| drop(fleet.devices.insert(key, device(n)))),
        Step::Transaction(a, b, n) => {
            let done = fleet.transaction(|tx| {
                tx.insert(devices, a, device(n));
                tx.push(queue, n);
                tx.remove(devices, b);
                tx.insert(devices, b, device(1));
                tx.remove(queue, 0);
                Ok::<(), ()>(())
            });
            done.unwrap();
        }
        Step::Push(n) => fleet.push(queue, n),
        Step::InsertAt(at, n) => drop(fleet.insert_at(queue, at, n)),
        Step::Element(at, n) => {
            let _ = fleet.set(queue.at(at), n);
        }
        Step::RemoveAt(at) => drop(fleet.remove(queue, at)),
        Step::Sort => fleet.sort_by(queue, u32::cmp),
        Step::RetainIn(n) => fleet.retain(queue, |other| *other != n),
        Step::List(list) => drop(fleet.set(queue, list)),
        Step::Reset => fleet.reset(),
    }
}

/// The entries that differ, by a plain comparison.
fn differing<K: Ord + Copy>(
    before: &BTreeMap<K, u32>,
    after: &BTreeMap<K, u32>,
) -> Vec<(K, Option<u32>)> {
    let keys: std::collections::BTreeSet<K> = before.keys().chain(after.keys()).copied().collect();
    let differs = |key: &K| before.get(key) != after.get(key);
    keys.into_iter().filter(differs).map(|key| (key, after.get(&key).copied())).collect()
}

fn sorted<K: Ord>(mut seen: Vec<(K, Option<u32>)>) -> Vec<(K, Option<u32>)> {
    seen.sort();
    seen
}

fn statuses_of(fleet: &Fleet) -> BTreeMap<u32, u32> {
    fleet.devices.iter().map(|(key, device)| (*key, device.status)).collect()
}

fn elements_of(fleet: &Fleet) -> BTreeMap<usize, u32> {
    fleet.queue.iter().copied().enumerate().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 300 } else { 3_000 }))]

    #[test]
    fn i6_each_calls_for_the_entries_that_differ(
        steps in proptest::collection::vec(step(), 1..24),
        holds in any::<bool>(),
    ) {
        let fleet = fleet();
        let (seen, _subscription) = statuses(&fleet);
        let elements: Log<(usize, Option<u32>)> = Log::default();
        let log = elements.clone();
        let _elements = fleet
            .subscribe(Fleet::PATHS.queue.each(), move |(at, n), _| log.push((*at, n.copied())));
        for step in steps {
            let before = Fleet::clone(&fleet.snapshot());
            let held = holds.then(|| fleet.snapshot());
            write(&fleet, step);
            let after = Fleet::clone(&fleet.snapshot());
            prop_assert_eq!(
                sorted(seen.take()),
                differing(&statuses_of(&before), &statuses_of(&after))
            );
            prop_assert_eq!(
                sorted(elements.take()),
                differing(&elements_of(&before), &elements_of(&after))
            );
            drop(held);
        }
    }
}
