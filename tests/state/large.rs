//! Large collections as `imbl`: a write beside a held snapshot copies little.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;

use crate::domain::Log;

#[derive(Debug)]
struct Counted(Arc<AtomicUsize>, u32);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0), self.1)
    }
}

impl PartialEq for Counted {
    fn eq(&self, other: &Self) -> bool {
        self.1 == other.1
    }
}

#[derive(Model, Clone, Debug, PartialEq)]
#[model(leaf)]
struct Item {
    counted: Counted,
}

#[derive(Model, Clone, Debug, PartialEq)]
struct Stock {
    items: imbl::Vector<Item>,
    prices: imbl::HashMap<u32, u64>,
    names: imbl::OrdMap<String, u32>,
}

#[test]
fn i1_a_write_beside_a_snapshot_copies_a_fraction() {
    let clones = Arc::new(AtomicUsize::new(0));
    let item = |n| Item { counted: Counted(Arc::clone(&clones), n) };
    let items = (0..100_000).map(item).collect();
    let stock = create_model(
        "stock",
        Stock { items, prices: Default::default(), names: Default::default() },
    );
    let held = stock.snapshot();

    let old = stock.set(Stock::PATHS.items.at(50_000), item(7));

    assert_eq!(old, Ok(item(50_000)));
    assert_eq!(held.items[50_000], item(50_000));
    assert_eq!(stock.snapshot().items[50_000], item(7));
    assert!(clones.load(Ordering::Relaxed) < 1_000, "{clones:?}");
}

#[test]
fn persistent_collections_are_places_like_others() {
    let stock = create_model(
        "stock",
        Stock { items: imbl::Vector::new(), prices: Default::default(), names: Default::default() },
    );
    let seen = Log::default();
    let (price, names) = (seen.clone(), seen.clone());
    let _subscriptions = [
        stock.subscribe(Stock::PATHS.prices.key(7), move |p, _| price.push(format!("{p:?}"))),
        stock.subscribe(Stock::PATHS.names, move |n, _| names.push(format!("{n:?}"))),
    ];

    assert_eq!(stock.insert(Stock::PATHS.prices, 7, 100), None);
    assert_eq!(stock.insert(Stock::PATHS.prices, 8, 100), None);
    assert_eq!(stock.insert(Stock::PATHS.names, "bolt", 7), None);
    assert_eq!(stock.remove(Stock::PATHS.prices, 7u32), Some(100));

    assert_eq!(seen.take(), ["Some(100)", "{\"bolt\": 7}", "None"]);
}

#[test]
fn i1_trimming_beside_a_snapshot_copies_a_fraction() {
    let clones = Arc::new(AtomicUsize::new(0));
    let item = |n| Item { counted: Counted(Arc::clone(&clones), n) };
    let items = (0..100_000).map(item).collect();
    let stock = create_model(
        "stock",
        Stock { items, prices: Default::default(), names: Default::default() },
    );
    let held = stock.snapshot();

    stock.retain(Stock::PATHS.items, |item| item.counted.1 != 50_000);

    assert!(clones.load(Ordering::Relaxed) < 10_000, "{clones:?}");
    let now = stock.snapshot();
    assert_eq!((held.items.len(), now.items.len()), (100_000, 99_999));
    assert_eq!((held.items[50_000].counted.1, now.items[50_000].counted.1), (50_000, 50_001));
}

#[test]
fn persistent_collections_are_trimmed_sorted_and_outlined() {
    let stock = create_model(
        "stock",
        Stock { items: imbl::Vector::new(), prices: Default::default(), names: Default::default() },
    );
    let seen = Log::default();
    let (keys, len) = (seen.clone(), seen.clone());
    let _subscriptions = [
        stock.subscribe(Stock::PATHS.names.keys(), move |k, _| keys.push(format!("{k:?}"))),
        stock.subscribe(Stock::PATHS.items.len(), move |n, _| len.push(format!("{n}"))),
    ];
    let item = |n| Item { counted: Counted(Arc::default(), n) };

    stock.insert(Stock::PATHS.names, "nut", 1);
    stock.insert(Stock::PATHS.names, "bolt", 2);
    stock.set(Stock::PATHS.names.key("nut"), 3).unwrap();
    stock.retain(Stock::PATHS.names, |(_, n)| *n > 2);
    stock.extend(Stock::PATHS.items, (0..100).rev().map(item));
    stock.retain(Stock::PATHS.items, |item| item.counted.1 % 2 == 0);
    stock.sort_by_key(Stock::PATHS.items, |item| item.counted.1);
    stock.pop(Stock::PATHS.items);

    assert_eq!(seen.take(), ["[\"nut\"]", "[\"bolt\", \"nut\"]", "[\"nut\"]", "100", "50", "49"]);
    let kept: Vec<_> = stock.snapshot().items.iter().map(|item| item.counted.1).collect();
    assert_eq!(kept, (0..98).step_by(2).collect::<Vec<_>>());
}
