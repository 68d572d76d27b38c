//! `IndexMap` and `IndexSet`: maps and sets whose order of insertion is part of the
//! watched value.

use indexmap::{IndexMap, IndexSet};
use proptest::prelude::*;
use sprag::prelude::*;

use crate::domain::{Fragile, Log, failing_at_each_step};

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Menu {
    dishes: IndexMap<String, u32>,
    tags: IndexSet<String>,
}

fn menu() -> Model<Menu> {
    let dishes = [("soup", 4), ("fish", 12), ("cake", 5)].map(|(k, v)| (k.to_owned(), v));
    create_model("menu", Menu { dishes: dishes.into(), tags: IndexSet::new() })
}

fn order(menu: &Model<Menu>) -> Vec<String> {
    menu.select(Menu::PATHS.dishes.keys())
}

#[test]
fn entries_keep_their_order() {
    let menu = menu();
    let seen = Log::default();
    let log = seen.clone();
    let _keys = menu.subscribe(Menu::PATHS.dishes.keys(), move |keys, _| log.push(keys.join(" ")));

    assert_eq!(menu.insert(Menu::PATHS.dishes, "fish", 13), Some(12));
    menu.set(Menu::PATHS.dishes.key("cake"), 6).unwrap();
    assert_eq!(seen.take(), [""; 0]);

    assert_eq!(menu.remove(Menu::PATHS.dishes, "soup"), Some(4));
    menu.insert(Menu::PATHS.dishes, "soup", 4);
    menu.retain(Menu::PATHS.dishes, |(name, _)| name != "cake");
    assert_eq!(seen.take(), ["fish cake", "fish cake soup", "fish soup"]);
    assert_eq!(Menu::PATHS.dishes.key("fish").to_string(), "dishes.fish");
}

#[test]
fn i5_a_removal_that_is_undone_leaves_the_order() {
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Card {
        dishes: IndexMap<u32, Fragile>,
    }

    let writes: [fn(&Model<Card>); 3] = [
        |card| {
            card.remove(Card::PATHS.dishes, 2);
        },
        |card| card.retain(Card::PATHS.dishes, |(n, _)| n % 2 == 1),
        |card| {
            card.insert(Card::PATHS.dishes, 9, Fragile(9));
        },
    ];
    for write in writes {
        let card = create_model("card", Card::default());
        card.replace(Card { dishes: (0..6).map(|n| (n, Fragile(n))).collect() });
        let [two, one, nine] = [2, 1, 9].map(|n| Card::PATHS.dishes.key(n));
        let _three = card.subscribe((two, one, nine), |_, _| {});
        let order = || card.select(Card::PATHS.dishes.keys());

        let failures =
            failing_at_each_step(|| write(&card), || assert_eq!(order(), [0, 1, 2, 3, 4, 5]));

        assert!(failures > 0);
        assert_ne!(order(), [0, 1, 2, 3, 4, 5]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn writes_do_what_the_map_itself_does(
        steps in proptest::collection::vec((0..4usize, 0..5u32, 0..3u32), 1..40),
        hold in any::<bool>(),
    ) {
        let menu = menu();
        let mut expect = menu.snapshot().dishes.clone();
        for (step, key, n) in steps {
            let held = hold.then(|| menu.snapshot());
            let name = key.to_string();
            match step {
                0 => prop_assert_eq!(
                    menu.insert(Menu::PATHS.dishes, name.as_str(), n),
                    expect.insert(name, n)
                ),
                1 => prop_assert_eq!(
                    menu.remove(Menu::PATHS.dishes, name.as_str()),
                    expect.shift_remove(&name)
                ),
                2 => {
                    menu.retain(Menu::PATHS.dishes, |(_, price)| *price != n);
                    expect.retain(|_, price| *price != n);
                }
                _ => {
                    let set = menu.set(Menu::PATHS.dishes.key(&name), n).is_ok();
                    prop_assert_eq!(set, expect.get_mut(&name).map(|old| *old = n).is_some());
                }
            }
            prop_assert_eq!(order(&menu), expect.keys().cloned().collect::<Vec<_>>());
            prop_assert_eq!(&menu.snapshot().dishes, &expect);
            drop(held);
        }
    }
}
