//! Servers and streams that cannot keep a log: each is an error that names the problem, and
//! nothing is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, RetentionPolicy, Source, StorageType};
use sprag_log::{ConnectError, Nats, OpenError};
use test_support::within_async;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::LIMIT;
use crate::ledger::Ledger;
use crate::servers::Servers;

#[tokio::test]
async fn bad_addresses_and_a_server_that_is_not_there_are_errors_that_name_them() {
    let error = Nats::connect("not an address").await.expect_err("no address").to_string();
    assert!(error.contains("not an address"), "{error}");
    let error = Nats::connect("127.0.0.1:1").await.expect_err("no server").to_string();
    assert!(error.contains("127.0.0.1:1"), "{error}");
}

/// Responds like a server of the version while a client connects, and to no request. Returns its
/// port, and the number of requests for a stream.
async fn server_of(version: &str) -> (u16, Arc<AtomicUsize>) {
    let requests = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&requests);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let info = format!(
        r#"INFO {{"server_id":"x","version":"{version}","proto":1,"host":"127.0.0.1","port":{port},"max_payload":1048576,"headers":true}}"#
    );
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            client.write_all(format!("{info}\r\n").as_bytes()).await.unwrap();
            let mut bytes = [0; 1_024];
            while let Ok(count @ 1..) = client.read(&mut bytes).await {
                let text = String::from_utf8_lossy(&bytes[..count]);
                counted.fetch_add(text.matches("STREAM.INFO").count(), Relaxed);
                client.write_all(b"PONG\r\n").await.unwrap();
            }
        }
    });
    (port, requests)
}

#[tokio::test]
async fn l7_a_server_that_is_too_old_is_refused_with_its_version() {
    let (port, _) = server_of("2.7.4").await;
    let error = Nats::connect(format!("127.0.0.1:{port}")).await.expect_err("it is too old");
    assert!(matches!(&error, ConnectError::TooOld { version, .. } if version == "2.7.4"));
    assert!(error.to_string().contains("2.9"), "{error}");
}

#[tokio::test]
async fn l7_a_stream_is_requested_three_times_from_a_server_that_does_not_reply() {
    let (port, requests) = server_of("2.9.10").await;
    let timeout = Duration::from_millis(100);
    let connecting = Nats::connect(format!("127.0.0.1:{port}")).timeout(timeout);
    let refused = within_async(LIMIT, connecting.into_future()).await.expect_err("no reply");
    assert!(matches!(&refused, ConnectError::Stream { .. }), "{refused}");
    assert_eq!(requests.load(Relaxed), 3);
}

#[tokio::test]
async fn l7_a_server_without_jetstream_is_an_error_that_says_how_to_turn_it_on() {
    let Some(servers) = Servers::without_jetstream().await else { return };
    let error = Nats::connect(servers.addresses()).await.expect_err("JetStream is off");
    assert!(matches!(&error, ConnectError::Stream { .. }), "{error}");
    assert!(error.to_string().contains("nats-server -js"), "{error}");
}

#[tokio::test]
async fn l7_a_stream_of_somebody_else_is_refused_and_left_alone() {
    let Some(servers) = Servers::start(1).await else { return };
    let client = async_nats::connect(servers.addresses()).await.unwrap();
    let context = jetstream::new(client);
    let theirs =
        Config { name: "orders".into(), subjects: vec!["orders.>".into()], ..Config::default() };
    context.create_stream(theirs).await.unwrap();
    let error = Nats::connect(servers.addresses()).stream("orders").await.expect_err("theirs");
    assert!(matches!(&error, ConnectError::Foreign { stream, .. } if stream == "orders"));
    let orders = context.get_stream("orders").await.unwrap();
    assert_eq!(orders.cached_info().config.subjects, ["orders.>"]);
}

#[tokio::test]
async fn l7_a_stream_with_settings_that_a_log_cannot_have_is_refused_with_the_setting() {
    let Some(servers) = Servers::start(1).await else { return };
    let context = jetstream::new(async_nats::connect(servers.addresses()).await.unwrap());
    let other = || Source { name: "other".into(), ..Source::default() };
    let copied =
        Config { name: "other".into(), subjects: vec!["other".into()], ..Config::default() };
    context.create_stream(copied).await.unwrap();
    let plain = Config {
        name: "odd".into(),
        subjects: vec!["odd.log.*".into()],
        storage: StorageType::File,
        ..Config::default()
    };
    for (config, reason) in [
        (Config { max_messages: 10, ..plain.clone() }, "drops messages"),
        (Config { max_messages_per_subject: 1, ..plain.clone() }, "drops messages"),
        (Config { retention: RetentionPolicy::WorkQueue, ..plain.clone() }, "drops messages"),
        (Config { storage: StorageType::Memory, ..plain.clone() }, "in memory"),
        (Config { max_message_size: 1_000, ..plain.clone() }, "limits the size"),
        (Config { no_ack: true, ..plain.clone() }, "acknowledges no"),
        (Config { deny_purge: true, ..plain.clone() }, "does not drop"),
        (Config { sources: Some(vec![other()]), ..plain.clone() }, "from other streams"),
        (
            Config { mirror: Some(other()), subjects: Vec::new(), ..plain.clone() },
            "from other streams",
        ),
    ] {
        context.create_stream(config).await.unwrap();
        let error = Nats::connect(servers.addresses()).stream("odd").await.expect_err("not a log");
        let ConnectError::Foreign { reason: said, .. } = &error else { panic!("{error}") };
        assert!(said.contains(reason), "{error}");
        context.delete_stream("odd").await.unwrap();
    }
}

#[tokio::test]
async fn l8_a_snapshot_whose_parts_are_gone_ends_the_opening_with_an_error() {
    let Some(servers) = Servers::start(1).await else { return };
    let log = Nats::connect(servers.addresses()).timeout(Duration::from_secs(1)).await.unwrap();
    let opening = || log.model("ledger", Ledger::default()).snapshots(2, 0);
    let ledger = opening().await.unwrap();
    for sum in 1..6 {
        ledger.set(Ledger::PATHS.sum, sum).await.unwrap();
    }
    ledger.stop().await;
    let context = jetstream::new(async_nats::connect(servers.addresses()).await.unwrap());
    let snapshots = context.get_stream("sprag_SNAPSHOTS").await.unwrap();
    snapshots.purge().filter("sprag_SNAPSHOTS.parts.>").await.unwrap();
    let opening = within_async(LIMIT, opening().recovery(Duration::from_secs(4)).into_future());
    let error = opening.await.expect_err("the snapshot is not whole");
    assert!(error.to_string().contains("a part of the snapshot is gone"), "{error}");
}

#[tokio::test]
async fn l7_an_entry_of_somebody_else_is_an_error_that_names_its_sequence() {
    let Some(servers) = Servers::start(1).await else { return };
    let log = Nats::connect(servers.addresses()).await.unwrap();
    let ledger = log.model("ledger", Ledger::default()).await.unwrap();
    ledger.set(Ledger::PATHS.sum, 1).await.unwrap();
    let client = async_nats::connect(servers.addresses()).await.unwrap();
    let context = jetstream::new(client);
    let sent = context.publish("sprag.log.ledger", "hello".into()).await.unwrap();
    let sequence = sent.await.unwrap().sequence;

    let error =
        log.model("ledger", Ledger::default()).await.expect_err("the bytes are not an entry");
    let OpenError::Damaged { sequence: at, .. } = &error else { panic!("{error}") };
    assert_eq!(*at, sequence);
    assert!(error.to_string().contains("another program wrote to the log"), "{error}");
    // The process that follows stops as well, and names the entry.
    let refused = ledger.sync().await.expect_err("it does not follow");
    assert!(refused.to_string().contains(&format!("at sequence {sequence}")), "{refused}");
    let mut stream = context.get_stream("sprag").await.unwrap();
    assert_eq!(stream.info().await.unwrap().state.last_sequence, sequence, "nothing is added");
}
