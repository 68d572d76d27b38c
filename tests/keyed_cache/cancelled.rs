//! C9 and C5: callers that give up, and computations that fail.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use sprag::prelude::*;

use crate::{lone, poll};

#[test]
fn c9_c5_a_cancelled_leader_hands_over() {
    let thumbs = lone::<u32>();
    let mut leader = Box::pin(thumbs.get_or_compute_async("a", std::future::pending));
    assert!(poll(leader.as_mut()).is_pending());
    let mut waits = pin!(thumbs.get_or_compute_async("a", || async { 2 }));
    assert!(poll(waits.as_mut()).is_pending());
    drop(leader);
    assert_eq!(poll(waits.as_mut()), Poll::Ready(2));
    assert_eq!(thumbs.get("a"), Some(2));
}

#[test]
fn c9_c5_a_waiter_that_gives_up_leaves_the_flight_to_the_others() {
    let thumbs = lone::<u32>();
    let (send, receive) = tokio::sync::oneshot::channel();
    let mut leader =
        pin!(thumbs.get_or_compute_async("a", || async move { receive.await.unwrap() }));
    assert!(poll(leader.as_mut()).is_pending());
    let mut gives_up = Box::pin(thumbs.get_or_compute_async("a", || async { 2 }));
    assert!(poll(gives_up.as_mut()).is_pending());
    drop(gives_up);
    let mut waits = pin!(thumbs.get_or_compute_async("a", || async { 3 }));
    assert!(poll(waits.as_mut()).is_pending(), "the computation is still under way");
    send.send(1).unwrap();
    assert_eq!(poll(leader.as_mut()), Poll::Ready(1));
    assert_eq!(poll(waits.as_mut()), Poll::Ready(1));
    assert_eq!(thumbs.get("a"), Some(1));
}

#[test]
fn failed_and_cancelled_computations_leave_no_trace() {
    let value = Arc::new(());
    let thumbs = lone::<Arc<()>>();
    for n in 0..1_000 {
        let key = n.to_string();
        let _ = thumbs.try_get_or_compute(&key, || Err("no"));
        let held = value.clone();
        let mut cancelled = Box::pin(thumbs.get_or_compute_async(&key, || async move {
            std::future::pending::<()>().await;
            held
        }));
        assert!(poll(cancelled.as_mut()).is_pending());
    }
    assert_eq!((thumbs.len(), Arc::strong_count(&value)), (0, 1));

    let (key, bus) = (Arc::<str>::from("a"), Bus::new());
    let thumbs = create_keyed_cache::<Arc<str>, u32>("thumbs").bus(&bus).build().unwrap();
    let mut callers =
        [0; 3].map(|_| Box::pin(thumbs.get_or_compute_async(&key, std::future::pending)));
    callers.iter_mut().for_each(|caller| assert!(poll(caller.as_mut()).is_pending()));
    drop(callers);
    assert_eq!(Arc::strong_count(&key), 1, "the key went with the last caller");
}
