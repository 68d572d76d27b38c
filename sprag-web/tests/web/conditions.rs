//! W4, W5: the conditions of writes, which are checked while the state is locked.

use std::cell::Cell;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Stores, store};

use crate::live::epoch;
use crate::support::Server;

thread_local! {
    /// How many topics this thread has serialised.
    static SERIALISED: Cell<usize> = const { Cell::new(0) };
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct House {
    #[model(browser = "write")]
    name: String,
    rooms: BTreeMap<String, Room>,
    /// Hides nothing, unlike its owner.
    topics: Vec<Topic>,
    #[serde(default)]
    #[model(browser = "never")]
    vault: Vault,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Room {
    topic: Topic,
    #[serde(default)]
    #[model(browser = "never")]
    code: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Topic {
    #[serde(serialize_with = "counted")]
    #[model(ts = "string")]
    text: String,
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Vault {
    code: String,
}

fn counted<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    SERIALISED.set(SERIALISED.get() + 1);
    text.serialize(serializer)
}

/// 100 rooms of 10 kB, and as many topics.
fn house() -> House {
    let topic = || Topic { text: "x".repeat(10_000) };
    let room = |at| (format!("{at:02}"), Room { topic: topic(), code: "SECRET".repeat(100) });
    House {
        name: "home".into(),
        rooms: (0..100).map(room).collect(),
        topics: (0..100).map(|_| topic()).collect(),
        vault: Vault { code: "SECRET".into() },
    }
}

/// The refusal of a write with `conditions`, and how many topics it serialised.
async fn refused(server: &Server, epoch: &str, n: u64, conditions: &Value) -> (Value, usize) {
    let write = json!({ "n": n, "ops": [["=", ["name"], n.to_string()]], "if": conditions });
    SERIALISED.set(0);
    let (_, answer) = server.post("tv", &json!({ "e": epoch, "t": "p", "m": [write] })).await;
    (answer["r"][0]["err"].clone(), SERIALISED.get())
}

#[tokio::test]
async fn w4_w5_a_condition_on_a_large_state_with_hidden_places_reads_little_of_it() {
    let tv = store("tv", house());
    let server = Server::start(Stores::new().add(&tv)).await;
    let epoch = epoch(&server).await;
    let topic = json!({ "text": "x".repeat(10_000) });
    let room = |at: &str| json!([["rooms", at], { "topic": topic }]);
    let cases = [
        // A place without hidden parts is read up to the length of the expected value.
        (json!([[["topics"], []]]), json!("conflict"), 1),
        (json!([[["topics", 0], topic]]), json!(null), 1),
        // The existence of a place is known without its value.
        (json!([[["rooms"]]]), json!("conflict"), 1),
        (json!([[[]]]), json!("conflict"), 1),
        (json!([[["rooms", "none"]]]), json!(null), 0),
        (json!([room("00"), room("01")]), json!(null), 2),
        // All rooms together have more than 1 MiB with what they hide.
        (json!([[["rooms"], {}]]), json!("place"), 100),
        (json!([[[], {}]]), json!("place"), 100),
        ((0..100).map(|_| room("00")).collect(), json!("place"), 100),
    ];
    for (n, (conditions, err, most)) in (1..).zip(cases) {
        let (found, read) = refused(&server, &epoch, n, &conditions).await;
        let shown = conditions.to_string();
        assert_eq!(found, err, "{}", &shown[..shown.len().min(200)]);
        assert!(read <= most, "{read} of at most {most}: {}", &shown[..shown.len().min(200)]);
    }
}

#[tokio::test]
async fn w5_a_condition_below_a_hidden_place_is_one_on_nothing() {
    let tv = store("tv", house());
    let server = Server::start(Stores::new().add(&tv)).await;
    let epoch = epoch(&server).await;
    let cases = [
        (json!([[["vault", "code"], "SECRET"]]), json!("conflict")),
        (json!([[["vault"], { "code": "SECRET" }]]), json!("conflict")),
        (json!([[["rooms", "00", "code"]]]), json!(null)),
        (json!([[["vault", "code"]]]), json!(null)),
    ];
    for (n, (conditions, err)) in (1..).zip(cases) {
        assert_eq!(refused(&server, &epoch, n, &conditions).await.0, err, "{conditions}");
    }
}
