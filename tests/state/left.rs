//! I3, I6, I7, I8: what a subscription leaves to others when it goes, and what it costs them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use sprag::prelude::*;

use crate::domain::{Log, Playback, Tv, tv, user};

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

#[test]
fn i3_a_callback_that_destroys_its_model_is_the_last_one() {
    let (number, log) = (create_model("number", 0_u8), Log::default());
    let own = number.clone();
    let _first = number.subscribe(|n: &u8| *n, move |_, _| own.destroy());
    let seen = log.clone();
    let _second = number.subscribe(|n: &u8| n + 1, move |n, _| seen.push(*n));

    number.replace(1);

    assert!(log.take().is_empty());
}

#[test]
fn i7_the_function_of_a_place_does_not_run_for_a_write_elsewhere() {
    let (tv, runs) = (tv(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&runs);
    let casting = Tv::PATHS.casting.map(move |casting| {
        counted.fetch_add(1, Relaxed);
        *casting
    });
    let _subscription = tv.subscribe(casting, |_, _| {});

    let before = runs.load(Relaxed);
    tv.set(Tv::PATHS.playback.position, 7);
    assert_eq!(runs.load(Relaxed), before);
    tv.set(Tv::PATHS.casting, true);
    assert_eq!(runs.load(Relaxed), before + 1);
}

#[test]
fn i6_d9_a_transaction_that_exchanges_an_entry_leaves_the_number_of_entries() {
    let (tv, log) = (tv(), Log::default());
    tv.insert(Tv::PATHS.users, 1, user("a", "Ulm"));
    let seen = log.clone();
    let _subscription = tv.subscribe(Tv::PATHS.users.len(), move |len, _| seen.push(*len));

    let exchange = |gone: u32, come: &[u32]| {
        let exchanged = tv.transaction(|tx| {
            tx.remove(Tv::PATHS.users, gone);
            for key in come {
                tx.insert(Tv::PATHS.users, *key, user("b", "Bonn"));
            }
            Ok::<_, ()>(())
        });
        exchanged.unwrap();
    };
    exchange(1, &[2]);
    assert!(log.take().is_empty());
    exchange(2, &[3, 4]);
    assert_eq!(log.take(), [2]);
}

#[test]
fn i3_i6_the_places_of_one_commit_are_told_in_the_order_of_their_subscriptions() {
    let (tv, log) = (tv(), Log::default());
    let told = |name: &'static str| {
        let log = log.clone();
        move || log.push(name)
    };
    let (position, root, url) = (told("position"), told("root"), told("url"));
    let (playback, both) = (told("playback"), told("both"));
    let paths = Tv::PATHS.playback;
    let _subscriptions = [
        tv.subscribe(paths.position, move |_, _| position()),
        tv.subscribe(Tv::PATHS, move |_, _| root()),
        tv.subscribe(paths.url, move |_, _| url()),
        tv.subscribe(paths, move |_, _| playback()),
        tv.subscribe((paths.url, paths.position), move |_, _| both()),
    ];

    tv.set(paths, Playback { url: Some("/a".into()), position: 7 });

    assert_eq!(log.take(), ["position", "root", "url", "playback", "both"]);
}

#[test]
fn i3_a_callback_that_destroys_its_model_is_the_last_one_of_its_place() {
    let (tv, log) = (tv(), Log::default());
    let (own, seen) = (tv.clone(), log.clone());
    let _subscriptions = [
        tv.subscribe(Tv::PATHS.casting, move |_, _| own.destroy()),
        tv.subscribe(Tv::PATHS.casting, move |casting, _| seen.push(*casting)),
    ];

    tv.set(Tv::PATHS.casting, true);

    assert!(log.take().is_empty());
}

#[test]
fn i8_a_selector_whose_subscription_goes_during_an_update_goes_with_the_next_write() {
    let (tv, held) = (tv(), Arc::new(()));
    let own = Arc::clone(&held);
    let last = tv.subscribe(move |tv: &Tv| (tv.casting, Arc::strong_count(&own)), |_, _| {});
    tv.update(|_| drop(last));

    tv.set(Tv::PATHS.casting, true);

    assert_eq!(Arc::strong_count(&held), 1);
}
