//! W4: writes, and the users who make them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sprag::prelude::*;
use sprag_web::{Denied, Policy, Published, Stores, Write, store};

use crate::live::epoch;
use crate::support::{Server, Tv, open};

async fn serve(policy: Policy<Tv>) -> (Server, Published<Tv>) {
    let tv = store("tv", Tv::default());
    (Server::start(Stores::new().add_with(&tv, policy)).await, tv)
}

fn volume(volume: u64) -> Value {
    json!([["=", ["volume"], volume]])
}

#[tokio::test]
async fn w4_a_write_is_one_commit_and_its_frame_says_whose_it_is() {
    let (server, tv) = serve(open()).await;
    let epoch = epoch(&server).await;
    let mut events = server.stream(&format!("s=tv@{epoch}.0")).await;
    let ops = json!([["=", ["volume"], 7], ["+", ["queue", "-"], "a"]]);
    assert_eq!(server.write(&epoch, "page", 1, &[ops]).await, json!([{ "n": 1, "v": 1 }]));
    let change = events.expect("change").await;
    assert_eq!(change["by"], json!(["page", 1]));
    assert_eq!(change["ops"], json!([["=", ["volume"], 7], ["+", ["queue", 0], "a"]]));
    assert_eq!((tv.get(Tv::PATHS.volume), tv.version()), (7, 1));
}

#[tokio::test]
async fn w4_a_number_is_answered_again_and_never_made_again() {
    let (server, tv) = serve(open()).await;
    let epoch = epoch(&server).await;
    let push = json!([["+", ["queue", "-"], "once"]]);
    let batch = json!({ "e": epoch, "t": "page", "m": [{ "n": 1, "ops": push }] });
    let answers = tokio::join!(
        server.post("tv", &batch),
        server.post("tv", &batch),
        server.post("tv", &batch)
    );
    let made = json!([{ "n": 1, "v": 1 }]);
    for (status, answer) in [answers.0, answers.1, answers.2] {
        assert_eq!((status.as_u16(), &answer["r"]), (200, &made));
    }
    assert_eq!(tv.get(Tv::PATHS.queue), ["once"]);
    let gap = server.write(&epoch, "page", 5, &[volume(1)]).await;
    assert_eq!(gap, json!([{ "n": 5, "err": "gap", "last": 1 }]));
    let unknown =
        json!({ "e": epoch, "t": "other", "m": [{ "n": 1, "again": true, "ops": push }] });
    let (_, answer) = server.post("tv", &unknown).await;
    assert_eq!(answer["r"], json!([{ "n": 1, "err": "forgotten" }]));
    assert_eq!(tv.version(), 1);
}

#[tokio::test]
async fn w4_answers_come_before_the_state_that_holds_the_writes() {
    let (server, _tv) = serve(open()).await;
    let epoch = epoch(&server).await;
    server.write(&epoch, "page", 1, &[volume(7)]).await;
    let mut events = server.stream("s=tv&t=page@1&t=gone@4&t=new@0").await;
    for _greeting_and_snap in 0..2 {
        let acks = json!({ "s": "tv", "t": "page", "r": [{ "n": 1, "v": 1 }] });
        assert_eq!(events.expect("acks").await, acks);
        let gone = json!({ "s": "tv", "t": "gone", "r": null });
        assert_eq!(events.expect("acks").await, gone);
        let new = json!({ "s": "tv", "t": "new", "r": [] });
        assert_eq!(events.expect("acks").await, new);
    }
    assert_eq!(events.expect("snap").await["v"], 1);
}

#[tokio::test]
async fn w4_a_write_of_another_epoch_is_never_made() {
    let (server, tv) = serve(open()).await;
    let epoch = epoch(&server).await;
    let batch = json!({ "e": "other", "t": "page", "m": [{ "n": 1, "ops": volume(7) }] });
    let (status, answer) = server.post("tv", &batch).await;
    assert_eq!((status.as_u16(), answer), (409, json!({ "e": epoch })));
    assert_eq!(tv.version(), 0);
}

#[tokio::test]
async fn w4_a_refused_write_changes_nothing_and_says_why() {
    let policy = open().validate(|tv: &Tv| match tv.volume {
        0..=100 => Ok(()),
        _ => Err("the volume is at most 100".to_owned()),
    });
    let (server, tv) = serve(policy).await;
    let epoch = epoch(&server).await;
    let refused = [
        (json!([["=", ["volume"], 1], ["=", ["volume"], 150]]), "invalid"),
        (json!([["=", ["volume"], 1], ["=", ["volume"], "loud"]]), "type"),
        (json!([["=", ["volume"], 1], ["=", ["volum"], 1]]), "place"),
        (json!([["=", ["volume"], 1], ["-", ["queue", 3]]]), "place"),
        (json!([["?", ["volume"], 1]]), "type"),
        (json!([]), "type"),
        (json!("no ops"), "type"),
    ];
    for (n, (ops, err)) in (1..).zip(refused) {
        let answer = server.write(&epoch, "page", n, std::slice::from_ref(&ops)).await;
        assert_eq!((&answer[0]["n"], &answer[0]["err"]), (&json!(n), &json!(err)), "{ops}");
    }
    let why = server.write(&epoch, "page", 1, &[volume(1)]).await[0]["why"].clone();
    assert_eq!(why, "the volume is at most 100");
    assert_eq!((tv.version(), tv.snapshot().as_ref().clone()), (0, Tv::default()));
}

#[tokio::test]
async fn w4_a_condition_that_does_not_hold_is_a_conflict() {
    let (server, tv) = serve(open()).await;
    let epoch = epoch(&server).await;
    tv.set(Tv::PATHS.queue, vec!["a".into()]);
    let attempts = [
        (json!([[["queue", 0], "b"]]), Some("conflict")),
        (json!([[["queue", 0]]]), Some("conflict")),
        (json!([[["queue", 1], null]]), Some("conflict")),
        (json!(vec![json!([["queue", 0], "a"]); 1_001]), Some("type")),
        (json!([[["queue", 0], "a"], [["queue", 1]]]), None),
    ];
    for (n, (conditions, err)) in (1..).zip(attempts) {
        let write = json!({ "n": n, "ops": [["-", ["queue", 0]]], "if": conditions });
        let (_, answer) = server.post("tv", &json!({ "e": epoch, "t": "p", "m": [write] })).await;
        assert_eq!(answer["r"][0]["err"].as_str(), err, "{conditions}");
        assert!(answer["r"][0]["v"].as_u64() >= Some(1));
    }
    assert_eq!(tv.get(Tv::PATHS.queue), Vec::<String>::new());
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Shown {
    volume: u8,
}

#[tokio::test]
async fn w4_a_place_is_read_only_unless_its_type_says_otherwise() {
    let tv = store("tv", Shown::default());
    let server = Server::start(Stores::new().add_with(&tv, open())).await;
    let epoch = epoch(&server).await;
    let answer = server.write(&epoch, "page", 1, &[volume(7)]).await;
    assert_eq!((answer[0]["err"].as_str(), tv.version()), (Some("readonly"), 0));
}

#[tokio::test]
async fn w4_a_policy_says_where_a_user_writes() {
    let within = |(): &(), write: &Write<Tv>| {
        if write.is_within(Tv::PATHS.queue) { Ok(()) } else { Err(Denied) }
    };
    let (server, tv) = serve(Policy::new().authorize(within)).await;
    let epoch = epoch(&server).await;
    let push = json!(["+", ["queue", "-"], "a"]);
    let writes = [json!([push]), json!([push, ["=", ["volume"], 1]]), json!([["=", [], {}]])];
    let answers = server.write(&epoch, "page", 1, &writes).await;
    let errs: Vec<_> = (0..3).map(|at| answers[at]["err"].as_str()).collect();
    assert_eq!(errs, [None, Some("denied"), Some("denied")]);
    assert_eq!(tv.get(Tv::PATHS.queue), ["a"]);
}

#[tokio::test]
async fn w4_w5_a_value_of_a_wrong_type_is_refused_with_what_is_wrong() {
    let tv = store("tv", Tv::default());
    let server = Server::start(Stores::new().add_with(&tv, open())).await;
    let epoch = epoch(&server).await;
    let answer = server.write(&epoch, "page", 1, &[json!([["=", ["volume"], 300]])]).await;
    let why = "the value does not fit `volume`: invalid value: integer `300`, expected u8";
    assert_eq!((&answer[0]["err"], &answer[0]["why"]), (&json!("type"), &json!(why)));
}

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[model(browser = "write")]
struct Numbers {
    id: u64,
    ids: Vec<i64>,
    #[serde(default)]
    size: f64,
}

#[tokio::test]
async fn w1_an_integer_that_a_browser_has_rounded_is_refused_where_it_is_written() {
    let numbers = store("tv", Numbers::default());
    let server = Server::start(Stores::new().add(&numbers)).await;
    let epoch = epoch(&server).await;
    let large = 9_007_199_254_740_994_u64;
    let writes = [
        (json!([["=", ["id"], large]]), Some("`id` has an integer above 2^53")),
        (json!([["+", ["ids", "-"], 1, large]]), Some("`ids` has an integer above 2^53")),
        (json!([["=", [], { "id": large, "ids": [] }]]), Some("has an integer above 2^53")),
        (json!([["=", ["size"], large]]), None),
        (json!([["=", ["size"], null]]), Some("does not fit `size`")),
        (json!([["=", ["id"], large - 2]]), None),
    ];
    for ((write, why), n) in writes.into_iter().zip(1..) {
        let answer = &server.write(&epoch, "page", n, std::slice::from_ref(&write)).await[0];
        match why {
            Some(why) => {
                assert!(
                    answer["why"].as_str().is_some_and(|found| found.contains(why)),
                    "{answer}"
                );
            }
            None => assert!(answer["v"].is_u64() && answer["err"].is_null(), "{write}: {answer}"),
        }
    }
    assert_eq!(numbers.snapshot().id, large - 2);
}

#[tokio::test]
async fn w4_a_write_that_does_not_fit_the_state_names_its_op() {
    let (server, tv) = serve(open()).await;
    tv.push(Tv::PATHS.queue, "Alien".into());
    let epoch = epoch(&server).await;
    let unfit = [json!(["-", ["queue", 1]]), json!(["~", ["queue"], 0, [0, 1]])];
    for (n, op) in (1..).zip(unfit) {
        let ops = json!([["=", ["volume"], 1], op]);
        let answer = server.write(&epoch, "page", n, &[ops]).await;
        assert_eq!(answer[0]["why"], "op 1 does not fit the state", "{answer}");
    }
    assert_eq!((tv.version(), tv.get(Tv::PATHS.volume)), (1, 0));
}
