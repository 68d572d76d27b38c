//! L8: snapshots that several processes store at once.

use futures_util::future::join_all;
use sprag_log::{Log, Nats, Snapshot};
use test_support::within_async;

use crate::LIMIT;
use crate::servers::Servers;

/// The newest snapshot has the smallest body, and is therefore seldom the last one to be stored.
fn snapshot(sequence: u64) -> Snapshot {
    let size = usize::try_from(1_000 - sequence).expect("a small number");
    Snapshot { sequence, body: vec![b'x'; size * 100].into() }
}

/// How many messages the stream of the snapshots has.
async fn stored(servers: &Servers) -> u64 {
    let client = async_nats::connect(servers.addresses()).await.expect("the servers answer");
    let context = async_nats::jetstream::new(client);
    let mut stream = context.get_stream("sprag_SNAPSHOTS").await.expect("the stream is there");
    stream.info().await.expect("the servers answer").state.messages
}

async fn of_snapshots_at_once_the_newest_is_read(servers: &Servers) {
    let connect = || Nats::connect(servers.addresses()).replicas(servers.count()).into_future();
    let logs = join_all((0..4).map(|_| connect())).await;
    let logs: Vec<_> = logs.into_iter().map(|log| log.expect("the servers answer")).collect();
    for round in 1..=10 {
        let newest = round * 4 + 3;
        let saves = logs.iter().zip(round * 4..);
        let saves = saves.map(|(log, sequence)| log.save_snapshot("state", snapshot(sequence)));
        for saved in join_all(saves).await {
            saved.expect("no process fails because of another one");
        }
        for log in &logs {
            let latest = log.load_snapshot("state").await.expect("the servers answer");
            assert!(latest == Some(snapshot(newest)), "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_of_snapshots_that_are_stored_at_once_the_newest_is_read() {
    for count in [1, 3] {
        let Some(servers) = Servers::start(count).await else { return };
        within_async(LIMIT, of_snapshots_at_once_the_newest_is_read(&servers)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn l8_a_snapshot_drops_the_earlier_ones_and_those_that_were_stored_in_part() {
    let Some(servers) = Servers::start(1).await else { return };
    let test = async {
        let log = Nats::connect(servers.addresses()).await.expect("the server answers");
        for sequence in [1, 2] {
            log.save_snapshot("state", snapshot(sequence)).await.expect("the server answers");
        }
        assert_eq!(stored(&servers).await, 2, "a part and its pointer");
        // A process was killed before it named this part.
        let client = async_nats::connect(servers.addresses()).await.expect("the server answers");
        let part = client.publish("sprag_SNAPSHOTS.parts.state.2-ffff", "part".into()).await;
        part.expect("the server answers");
        client.flush().await.expect("the server answers");
        log.save_snapshot("state", snapshot(3)).await.expect("the server answers");
        assert_eq!(stored(&servers).await, 2, "a part and its pointer");
        log.save_snapshot("state", snapshot(2)).await.expect("it is older, and not kept");
        let latest = log.load_snapshot("state").await.expect("the server answers");
        assert!(latest == Some(snapshot(3)));
        assert_eq!(stored(&servers).await, 2);
    };
    within_async(LIMIT, test).await;
}
