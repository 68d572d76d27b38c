//! I6, I8: what a subscription leaves to others when it goes.

use std::sync::Arc;

use sprag::prelude::*;

use crate::domain::Log;

/// A new selector takes over the number of one that is gone, and of no other.
#[test]
fn i6_a_selector_that_comes_after_another_left_has_its_own_subscribers() {
    let (bits, log) = (create_model("bits", 0_u8), Log::default());
    let watch = |bit: u8| {
        let log = log.clone();
        bits.subscribe(move |bits: &u8| bits & bit, move |bit, _| log.push(*bit))
    };
    let _first = watch(1);
    let left = watch(2);
    let _third = watch(4);
    drop(left);
    let _fourth = watch(8);

    for state in [15, 0] {
        bits.replace(state);
        assert_eq!(log.take(), [1, 4, 8].map(|bit| state & bit));
    }
}

#[test]
fn i8_a_selector_whose_subscription_goes_during_an_update_goes_with_the_next_one() {
    let (number, held) = (create_model("number", 0_u8), Arc::new(()));
    let own = Arc::clone(&held);
    let last = number.subscribe(move |n: &u8| *n == Arc::strong_count(&own) as u8, |_, _| {});
    number.update(|_| drop(last));

    let _next = number.subscribe(|n: &u8| *n, |_, _| {});

    assert_eq!(Arc::strong_count(&held), 1);
}
