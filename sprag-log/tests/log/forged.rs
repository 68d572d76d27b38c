//! L3a, L6 and L7: entries that no process of the test has made, such as those of another
//! incarnation, and of a program with a fault.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use sprag_log::{Log, Logged, OpenError, open};
use tokio::time::{sleep, timeout};

use crate::ledger::{Ledger, raise};
use crate::simulated::{Client, Faults, World};

/// The length of the first line of an entry, which has the checksum of the others.
const HEAD: usize = "sprag1 00000000\n".len();

/// `body` as an entry or a snapshot is stored.
pub(crate) fn encoded(body: &Value) -> Bytes {
    let body = body.to_string();
    format!("sprag1 {:08x}\n{body}", crc32fast::hash(body.as_bytes())).into()
}

/// The body of a stored entry or snapshot.
pub(crate) fn body(stored: &Bytes) -> Value {
    serde_json::from_slice(&stored[HEAD..]).expect("an entry is JSON")
}

/// The checksum of a stored entry, which the entry after it names.
fn sum(stored: &Bytes) -> u32 {
    crc32fast::hash(&stored[HEAD..])
}

/// The last entry of the log, and its sequence.
async fn last(client: &Client) -> (u64, Bytes) {
    let mut last = None;
    loop {
        let after = last.as_ref().map_or(0, |(sequence, _)| *sequence);
        let page = client.read("ledger", after).await.expect("the log is in reach");
        for stored in page.entries {
            last = Some((stored.sequence, stored.entry));
        }
        if page.is_last {
            return last.expect("the log has an entry");
        }
    }
}

/// A process that has written three times, and an entry like its last one.
async fn written(world: &World) -> (Logged<Ledger>, Client, u64, Value) {
    let client = world.client();
    let opening = open(Arc::new(client.clone()), "ledger", Ledger::default());
    let ledger = opening.deadline(Duration::from_secs(1)).await.expect("the log is in reach");
    for name in ["a", "b", "c"] {
        raise(&ledger, name).await.expect("the log is in reach");
    }
    let (sequence, stored) = last(&client).await;
    let mut entry = body(&stored);
    (entry["prev"], entry["prev_sum"]) = (sequence.into(), sum(&stored).into());
    entry["id"] = json!([1, 1]);
    (ledger, client, sequence, entry)
}

/// Waits until the model is not current, and returns the reason.
async fn problem(ledger: &Logged<Ledger>) -> String {
    let ended = async {
        while ledger.is_current() {
            sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(Duration::from_secs(10), ended).await.expect("the process meets the entry");
    ledger.problem().expect("the model is not current")
}

fn calm() -> World {
    World::new(7, Faults::default())
}

#[tokio::test(start_paused = true)]
async fn l3a_the_first_entry_of_an_incarnation_that_came_too_late_is_skipped() {
    let world = calm();
    let (ledger, client, sequence, mut entry) = written(&world).await;
    (entry["log"], entry["prev"], entry["state"]) = (1.into(), 0.into(), json!({ "sum": 9 }));
    client.append("ledger", sequence, encoded(&entry)).await.expect("the log is in reach");
    assert_eq!(raise(&ledger, "d").await.expect("the log is in reach"), 4);
    assert!(ledger.is_current(), "{:?}", ledger.problem());
}

#[tokio::test(start_paused = true)]
async fn l3a_an_entry_of_another_incarnation_that_follows_the_last_one_ends_the_process() {
    let first = json!({ "sum": 9, "done": {}, "order": [] });
    // The first entry of an incarnation that this one's end does not precede, a later entry, and
    // one that refers to an entry which this process has read.
    for (is_behind, state) in [(true, first), (true, Value::Null), (false, Value::Null)] {
        let world = calm();
        let (ledger, client, sequence, mut entry) = written(&world).await;
        entry["log"] = 1.into();
        if !is_behind {
            entry["prev"] = 0.into();
        }
        if !state.is_null() {
            entry["state"] = state;
        }
        client.append("ledger", sequence, encoded(&entry)).await.expect("the log is in reach");
        let problem = problem(&ledger).await;
        assert!(problem.contains("destroyed and made anew"), "{problem}");
        assert_eq!(ledger.get(Ledger::PATHS.sum), 3, "nothing of the entry is applied");
    }
}

#[tokio::test(start_paused = true)]
async fn l6_an_entry_that_does_not_fit_is_a_newer_types_only_if_a_newer_type_wrote_it() {
    let blames_newer = async |is_newer: bool| {
        let world = calm();
        let (ledger, client, sequence, mut entry) = written(&world).await;
        entry["writes"] = json!([{ "id": 1, "ops": [["=", ["sum"], "text"]] }]);
        if is_newer {
            entry["type"] = 1.into();
        }
        client.append("ledger", sequence, encoded(&entry)).await.expect("the log is in reach");
        let problem = problem(&ledger).await;
        assert!(problem.contains(&format!("at sequence {}: ", sequence + 1)), "{problem}");
        assert_eq!(ledger.get(Ledger::PATHS.sum), 3);
        problem.contains("a newer type wrote data that does not match")
    };
    assert!(blames_newer(true).await);
    assert!(!blames_newer(false).await);
}

#[tokio::test(start_paused = true)]
async fn l6_an_older_entry_that_takes_out_an_absent_element_does_not_open() {
    let world = calm();
    let client = world.client();
    let state = json!({ "sum": 0, "done": {}, "order": ["a"] });
    let begin = encoded(
        &json!({ "log": 7, "prev": 0, "prev_sum": 0, "id": [1, 1], "type": 1, "state": state }),
    );
    client.append("ledger", 0, begin.clone()).await.expect("the log is in reach");
    let removed = json!([{ "id": 1, "ops": [["-", ["order", 1]]] }]);
    let entry = encoded(&json!({
        "log": 7, "prev": 1, "prev_sum": sum(&begin), "id": [1, 2], "type": 1, "writes": removed,
    }));
    client.append("ledger", 1, entry).await.expect("the log is in reach");
    let opening = open(Arc::new(client), "ledger", Ledger::default());
    let error = opening.migrate(Ok::<_, String>).await.expect_err("the entry does not fit");
    assert!(matches!(error, OpenError::Misfit { .. }), "{error:?}");
    assert!(error.to_string().contains("order.1"), "{error}");
    assert!(!error.to_string().contains("panicked"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn l9_an_entry_names_its_end_only_if_it_is_one() {
    let world = calm();
    let (ledger, client, _, entry) = written(&world).await;
    assert!(!entry.to_string().contains("ends"), "{entry}");
    ledger.destroy().await.expect("the log is in reach");
    assert_eq!(body(&last(&client).await.1)["writes"][0]["ends"], true);
}

#[tokio::test(start_paused = true)]
async fn l3_each_write_of_a_process_has_a_number_of_its_own() {
    let (ledger, client, ..) = written(&calm()).await;
    let (first, second) = tokio::join!(raise(&ledger, "d"), raise(&ledger, "e"));
    assert_eq!((first.expect("in reach"), second.expect("in reach")), (4, 5));
    raise(&ledger, "f").await.expect("the log is in reach");
    let mut numbers = Vec::new();
    let mut after = 0;
    loop {
        let page = client.read("ledger", after).await.expect("the log is in reach");
        for stored in page.entries {
            let entry = body(&stored.entry);
            let writes = entry["writes"].as_array().into_iter().flatten();
            numbers.extend(writes.map(|write| write["id"].as_u64().expect("a number")));
            after = stored.sequence;
        }
        if page.is_last {
            break;
        }
    }
    assert!(numbers.len() == 6 && numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
}
