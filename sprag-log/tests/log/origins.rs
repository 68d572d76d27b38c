//! L3a: each caller's origin, and changesets that arrive as data.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::join_all;
use serde_json::json;
use sprag::error::ApplyIfError;
use sprag::state::{Changeset, Origin};
use sprag_log::{Logged, TransactError, open};
use tokio::time::timeout;

use crate::ledger::{Ledger, raise};
use crate::simulated::{Faults, World};

async fn two() -> (Logged<Ledger>, Logged<Ledger>) {
    let world = World::new(7, Faults::default());
    let open = || open(Arc::new(world.client()), "ledger", Ledger::default());
    (open().await.unwrap(), open().await.unwrap())
}

fn set(by: &[Origin], sum: u64) -> Changeset {
    let ops = json!([["=", ["sum"], sum]]);
    let set = json!({ "from": 0, "to": 0, "by": by, "ops": ops });
    serde_json::from_value(set).unwrap()
}

#[tokio::test(start_paused = true)]
async fn l3a_each_callers_origin_is_in_the_commit_of_every_process_in_order() {
    let (first, second) = two().await;
    let mut here = first.changes();
    let mut there = second.changes();
    let expected: Vec<_> = (0..5).map(|number| Origin::new("tab", number)).collect();
    let handles: Vec<_> = expected.iter().map(|origin| first.by(origin.clone())).collect();
    let names: Vec<_> = (0..5).map(|number| number.to_string()).collect();
    for outcome in join_all(handles.iter().zip(&names).map(|(by, name)| raise(by, name))).await {
        outcome.unwrap();
    }
    for changes in [&mut here, &mut there] {
        let (mut seen, mut most) = (Vec::new(), 0);
        while seen.len() < expected.len() {
            let commit = timeout(Duration::from_secs(5), changes.next()).await;
            let commit = commit.expect("all are delivered").expect("the model lives").unwrap();
            assert_eq!(*commit.changeset().by, *commit.origins());
            most = most.max(commit.origins().len());
            seen.extend_from_slice(commit.origins());
        }
        assert_eq!(seen, expected);
        assert!(most > 1, "several callers are one commit");
    }
}

#[tokio::test(start_paused = true)]
async fn l3a_a_changeset_is_one_write_and_its_version_is_that_of_every_process() {
    let (first, second) = two().await;
    let mut there = second.changes();
    let tab = Origin::new("tab", 3);
    let version = first.apply(set(std::slice::from_ref(&tab), 7)).await.unwrap();
    assert_eq!((first.version(), first.get(Ledger::PATHS.sum)), (version, 7));
    let commit = there.next().await.unwrap().unwrap();
    assert_eq!((commit.version(), commit.origin()), (version, Some(&tab)));
    // A write that changes nothing has an entry too, so that its writer sees the commit.
    let hub = Origin::new("hub", 1);
    let again = second.by(hub.clone()).apply(set(&[tab], 7)).await.unwrap();
    let commit = there.next().await.unwrap().unwrap();
    assert_eq!((commit.version(), commit.origin()), (again, Some(&hub)));
    assert!(again > version);
}

#[tokio::test(start_paused = true)]
async fn l2_the_checks_of_a_changeset_see_what_other_processes_wrote() {
    let (first, second) = two().await;
    second.set(Ledger::PATHS.sum, 4).await.unwrap();
    let rises = |state: &Ledger| if state.sum < 4 { Ok(()) } else { Err(state.sum) };
    let small = |state: &Ledger| if state.sum < 9 { Ok(()) } else { Err(state.sum) };
    let accepted = |_: &Ledger| Ok(());
    // This process may not have seen the write of the other one yet.
    let refused = first.apply_if(set(&[], 5), rises, accepted).await;
    let refusal = TransactError::Refused(ApplyIfError::Refused(4_u64));
    assert_eq!(format!("{refused:?}"), format!("{:?}", Err::<u64, _>(refusal)));
    let refused = first.apply_if(set(&[], 9), accepted, small).await;
    assert!(matches!(refused, Err(TransactError::Refused(ApplyIfError::Refused(9)))));
    let version = first.apply_if(set(&[], 8), accepted, small).await.unwrap();
    assert_eq!((first.version(), first.get(Ledger::PATHS.sum)), (version, 8));
    let mut absent = set(&[], 0);
    absent.ops = serde_json::from_value(json!([["=", ["none"], 1]])).unwrap();
    let refused = first.apply(absent).await;
    assert!(matches!(refused, Err(TransactError::Refused(_))), "{refused:?}");
    assert_eq!(first.version(), version);
}
