//! Containers of a type parameter: what they can do is composed of what their content can.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    use futures_util::{FutureExt as _, StreamExt as _};

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
