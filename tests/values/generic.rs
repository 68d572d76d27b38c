//! Containers of a type parameter: what they can do is composed of what their content can.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{FutureExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Page<K: Ord + sprag::path::Key, V> {
    list: Vec<V>,
    map: BTreeMap<String, V>,
    set: BTreeSet<K>,
    maybe: Option<V>,
    boxed: Box<V>,
    shared: Arc<V>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Item {
    stars: u8,
    #[serde(skip)]
    hidden: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Book {
    page: Page<u16, Item>,
}

fn book() -> Model<Book> {
    let item = |stars| Item { stars, hidden: 0 };
    let page = Page {
        list: vec![item(1), item(2)],
        map: BTreeMap::from([("a".into(), item(1))]),
        set: BTreeSet::from([1]),
        maybe: Some(item(1)),
        boxed: Box::new(item(1)),
        shared: Arc::new(item(1)),
    };
    create_model("book", Book { page })
}

/// Each place, its present JSON, and others.
fn places() -> Vec<(&'static str, Value, Vec<Value>)> {
    let item = |stars: u8| json!({ "stars": stars });
    vec![
        (
            "page.list",
            json!([item(1), item(2)]),
            vec![json!([item(1), item(3)]), json!([item(1)]), json!([])],
        ),
        (
            "page.map",
            json!({ "a": item(1) }),
            vec![json!({ "a": item(2) }), json!({ "b": item(2) }), json!({})],
        ),
        ("page.set", json!([1]), vec![json!([1, 2]), json!([2]), json!([])]),
        ("page.maybe", item(1), vec![item(2), Value::Null, item(1)]),
        ("page.boxed", item(1), vec![item(2)]),
        ("page.shared", item(1), vec![item(2)]),
    ]
}

#[test]
fn d0_i6_a_container_of_a_type_parameter_is_read_written_and_compared() {
    for (place, present, others) in places() {
        let book = book();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let _subscription = book.subscribe(Book::PATHS.page, move |_, _| {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(book.get_value(place).unwrap(), present, "{place}");
        let before = book.snapshot();
        book.set_value(place, present.clone()).unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 0, "{place}: an equal value");
        assert_eq!(*book.snapshot(), *before, "{place}");
        for (count, other) in others.iter().enumerate() {
            book.set_value(place, other.clone()).unwrap();
            assert_eq!(calls.load(Ordering::Relaxed), count + 1, "{place}: {other}");
            assert_eq!(book.get_value(place).unwrap(), *other, "{place}");
        }
    }
}

#[test]
fn d0_a_container_of_a_type_parameter_refuses_what_does_not_fit() {
    let book = book();
    for (place, value, expected) in [
        ("page.list", json!({}), "expected a sequence"),
        ("page.map", json!([]), "expected a map"),
        ("page.set", json!(1), "expected a sequence"),
        ("page.list", json!([{ "stars": "x" }]), "expected u8"),
        ("page.maybe", json!({ "stars": 300 }), "expected u8"),
    ] {
        let error = book.set_value(place, value).unwrap_err();
        assert!(error.is_misfit(), "{place}: {error}");
        assert!(error.to_string().contains(expected), "{place}: {error}");
    }
    assert_eq!(book.version(), 0);
}

#[test]
fn d3_a_container_of_a_type_parameter_is_sent_and_applied() {
    for (place, _, others) in places() {
        let (book, copy) = (book(), book());
        let mut changes = book.changes();
        for other in others {
            book.set_value(place, other).unwrap();
            let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
            let text = serde_json::to_string(&commit.changeset()).unwrap();
            copy.apply(&serde_json::from_str(&text).unwrap()).unwrap();
            assert_eq!(copy.get_value("").unwrap(), book.get_value("").unwrap(), "{place}: {text}");
        }
    }
}

/// A type that does not know what its content can do.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Rack<T> {
    items: Vec<T>,
    boxed: Box<T>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Lamp {
    level: u8,
}

#[test]
fn i6_a_list_of_a_type_parameter_is_compared_element_by_element() {
    let lamp = |level: u8| json!({ "level": level });
    let items = vec![Lamp { level: 1 }, Lamp { level: 2 }];
    let rack = create_model("rack", Rack { items, boxed: Box::default() });
    let (sender, told) = std::sync::mpsc::channel();
    let _subscription = rack.subscribe(
        |rack: &Rack<Lamp>| rack.items.clone(),
        move |_, _| {
            sender.send(()).unwrap();
        },
    );
    let mut changes = rack.changes();
    for (items, is_other) in [
        (json!([lamp(1), lamp(2)]), false),
        (json!([lamp(3), lamp(4)]), true),
        (json!([lamp(3), lamp(5)]), true),
        (json!([lamp(3)]), true),
        (json!([lamp(3)]), false),
    ] {
        rack.set_value("items", items.clone()).unwrap();
        assert_eq!(told.try_iter().count(), usize::from(is_other), "{items}");
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        assert_eq!(commit.changes().count(), usize::from(is_other), "{items}");
    }
}

#[test]
fn d1_a_value_that_a_field_knows_in_a_list_of_lists_is_a_place() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Hall {
        racks: Vec<Vec<Rack<u8>>>,
    }

    let hall = create_model("hall", Hall { racks: vec![vec![Rack::default(); 2]] });
    let mut changes = hall.changes();
    let rack = Rack { items: vec![1], boxed: Box::new(2) };
    hall.set(Hall::PATHS.racks.at(0).at(1), rack.clone()).unwrap();
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    let ops = serde_json::to_value(commit.changeset()).unwrap()["ops"].take();
    assert_eq!(ops, json!([["=", ["racks", 0, 1], rack]]));
}

#[test]
fn d2_a_list_of_unknown_elements_is_reordered_in_place() {
    let items = [1, 2].map(|level| Rack { items: vec![level], boxed: Box::default() });
    let rack = create_model("rack", Rack { items: items.into(), boxed: Box::default() });
    let mut changes = rack.changes();
    let set = json!({ "from": 0, "to": 1, "ops": [["~", ["items"], 0, [1, 0]]] });
    rack.apply(&serde_json::from_value(set.clone()).unwrap()).unwrap();
    assert_eq!(rack.get_value("items.0.items").unwrap(), json!([2]));
    let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
    assert_eq!(serde_json::to_value(commit.changeset()).unwrap(), set);
}

#[test]
fn d0_a_map_with_keys_of_its_own_type_in_a_box_is_written_by_its_owner() {
    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    struct Name(String);

    let boxed = Box::new(BTreeMap::from([(Name("a".into()), 1_u8)]));
    let rack = create_model("rack", Rack { items: Vec::new(), boxed });
    rack.set_value("boxed", json!({ "b": 2 })).unwrap();
    assert_eq!(rack.get_value("boxed").unwrap(), json!({ "b": 2 }));
    rack.set_value("boxed.b", json!(3)).unwrap();
    rack.set_value("boxed.c", json!(4)).unwrap();
    assert_eq!(rack.get_value("").unwrap(), json!({ "items": [], "boxed": { "b": 3, "c": 4 } }));
}

/// Items that are written, and read by their owner alone.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize)]
struct Chest {
    items: BTreeMap<String, Trinket>,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize)]
struct Trinket {
    number: u8,
}

impl<'de> Deserialize<'de> for Chest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            items: BTreeMap<String, BTreeMap<String, u8>>,
        }
        let Members { items } = Members::deserialize(deserializer)?;
        let item = |(name, item): (_, BTreeMap<_, _>)| (name, Trinket { number: item["number"] });
        Ok(Self { items: items.into_iter().map(item).collect() })
    }
}

#[test]
fn d0_an_entry_that_is_written_but_not_read_is_read_by_its_owner() {
    let items = ["a", "b"].map(|name| (name.to_owned(), Trinket { number: 1 }));
    let chest = create_model("chest", Chest { items: items.into() });
    chest.set_value("items.b", json!({ "number": 2 })).unwrap();
    let items = json!({ "a": { "number": 1 }, "b": { "number": 2 } });
    assert_eq!(chest.get_value("items").unwrap(), items);
}

/// Fields of a type whose `Serialize` needs a bound that the derive does not see.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Cellar<T: Ord + sprag::path::Key> {
    open: bool,
    bottle: Bottle<T>,
    known: BTreeSet<Bottle<T>>,
    rows: BTreeMap<String, Vec<Bottle<T>>>,
    last: Shelf<T>,
}

#[derive(
    Model, Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
struct Bottle<T> {
    year: T,
    #[serde(skip)]
    dust: u8,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Shelf<T> {
    #[default]
    Empty,
    One {
        bottle: Bottle<T>,
    },
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    cellar: Cellar<u8>,
}

#[test]
fn d1_a_value_that_is_not_known_to_be_written_is_set_by_the_nearest_owner_that_is() {
    type Write = fn(&mut Cellar<u8>) -> bool;
    let bottle = |year| Bottle { year, dust: 0 };
    let writes: [(&str, Write); 6] = [
        ("a part", |cellar| {
            cellar.bottle.year = 3;
            true
        }),
        ("a struct", |cellar| {
            cellar.bottle = Bottle { year: 4, dust: 1 };
            true
        }),
        ("a member", |cellar| cellar.known.insert(Bottle { year: 5, dust: 0 })),
        ("an entry", |cellar| cellar.rows.insert("a".into(), Vec::new()).is_none()),
        ("an element", |cellar| {
            cellar.rows.entry("b".into()).or_default().push(Bottle { year: 6, dust: 0 });
            true
        }),
        ("a variant", |cellar| {
            cellar.last = Shelf::One { bottle: Bottle { year: 7, dust: 0 } };
            true
        }),
    ];
    let cellar = Cellar { known: BTreeSet::from([bottle(1)]), ..Cellar::default() };
    let house = create_model("house", House { cellar: cellar.clone() });
    let copy = create_model("copy", House { cellar });
    let mut changes = house.changes();
    for (name, write) in writes {
        house.update(|house| assert!(write(&mut house.cellar)));
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        let text = serde_json::to_string(&commit.changeset()).unwrap();
        copy.apply(&serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(copy.get_value("").unwrap(), house.get_value("").unwrap(), "{name}: {text}");
    }
    house.add(House::PATHS.cellar.known, bottle(9));
    house.push(House::PATHS.cellar.rows.key("b"), bottle(9)).unwrap();
    house.set(House::PATHS.cellar.bottle.year, 8);
    for _ in 0..3 {
        let commit = changes.next().now_or_never().unwrap().unwrap().unwrap();
        let text = serde_json::to_string(&commit.changeset()).unwrap();
        copy.apply(&serde_json::from_str(&text).unwrap()).unwrap();
    }
    assert_eq!(copy.get_value("").unwrap(), house.get_value("").unwrap());
}

#[test]
fn d0_a_value_in_an_option_of_a_known_type_is_read_exactly() {
    #[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Cupboard {
        shelf: Option<Shelf<u8>>,
    }

    let cupboard = create_model("cupboard", Cupboard { shelf: Some(Shelf::Empty) });
    let patch = |bottle: Value| json!({ "shelf": { "One": { "bottle": bottle } } });
    let error = cupboard.patch_value("", patch(json!({ "year": 1, "years": 2 }))).unwrap_err();
    assert!(error.is_misfit() && error.to_string().contains("`years`"), "{error}");
    cupboard.patch_value("", patch(json!({ "year": 1 }))).unwrap();
    let bottle = Bottle { year: 1, dust: 0 };
    assert_eq!(cupboard.snapshot().shelf, Some(Shelf::One { bottle }));
}
