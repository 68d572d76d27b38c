//! W4, W8: `authorize` knows each place that a write changes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Denied, Policy, Stores, store};

use crate::live::epoch;
use crate::support::Server;

#[derive(Model, Clone, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
struct Shelf {
    title: String,
    films: Vec<String>,
    prices: BTreeMap<String, u32>,
    tags: BTreeSet<String>,
}

#[tokio::test]
async fn w4_a_policy_sees_the_places_of_each_kind_of_op() {
    let tags = ["old", "new"].map(str::to_owned).into();
    let prices = [("a".to_owned(), 1), ("b".to_owned(), 2), ("c".to_owned(), 3)].into();
    let films = ["x", "y", "z"].map(str::to_owned).into();
    let shelf = store("tv", Shelf { title: String::new(), films, prices, tags });
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let policy = Policy::new().authorize(move |(): &(), write| {
        noted.lock().unwrap().push(serde_json::to_value(write.places()).unwrap());
        // A policy that refuses the places of one member.
        let is_kept = |place: &sprag::path::Address| place.to_string().contains("old");
        if write.places().iter().any(is_kept) { Err(Denied) } else { Ok(()) }
    });
    let server = Server::start(Stores::new().add_with(&shelf, policy)).await;
    let epoch = epoch(&server).await;
    let writes: [(Value, Value); 7] = [
        (json!(["=", ["title"], "Films"]), json!([["title"]])),
        (json!(["+", ["films", 0], "w"]), json!([["films", 0]])),
        (json!(["-", ["films", 0]]), json!([["films", 0]])),
        (json!(["-", ["films"], [0, 2]]), json!([["films", 0], ["films", 2]])),
        (json!(["-", ["prices", "a"]]), json!([["prices", "a"]])),
        (json!(["+", ["tags", ["best"]]]), json!([["tags", ["best"]]])),
        (json!(["-", ["tags", ["old"]]]), json!([["tags", ["old"]]])),
    ];
    for (n, (op, places)) in (1..).zip(writes) {
        let answer = server.write(&epoch, "page", n, &[json!([op])]).await;
        let found = seen.lock().unwrap().pop();
        assert_eq!(found, Some(places), "{op}: {answer}");
        let refused = if n == 7 { json!("denied") } else { Value::Null };
        assert_eq!(answer[0]["err"], refused, "{op}: {answer}");
    }
    assert_eq!((shelf.version(), shelf.snapshot().tags.contains("old")), (6, true));
}
