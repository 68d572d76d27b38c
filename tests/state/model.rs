//! A model as one thread sees it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sprag::prelude::*;

use crate::domain::*;

#[test]
fn get_and_set_go_by_path() {
    let tv = tv();

    let old = tv.set(Tv::PATHS.playback.url, Some("/media/movie.mp4".into()));

    assert_eq!(old, None);
    let url: Option<String> = tv.get(Tv::PATHS.playback.url);
    assert_eq!(url.as_deref(), Some("/media/movie.mp4"));
    assert_eq!(tv.get(Tv::PATHS.playback).position, 0);
    assert_eq!(tv.version(), 1);
}

#[test]
fn absent_places_read_as_none_and_refuse_writes() {
    let tv = tv();

    let refused = tv.set(Tv::PATHS.current.some().title, "Alien".into());

    assert_eq!(refused.unwrap_err().path(), "current.title");
    assert_eq!(tv.get(Tv::PATHS.current.some().title), None);
    assert_eq!(tv.version(), 0, "nothing was committed");
    assert_eq!(tv.update_at(Tv::PATHS.users.key(7), |_| ()).unwrap_err().path(), "users.7");
    assert_eq!(tv.remove(Tv::PATHS.queue, 3usize), None);
    assert_eq!(tv.version(), 0, "nothing was committed");
}

#[test]
fn present_places_behind_an_option_and_a_key_can_be_written() {
    let tv = tv();
    tv.set(Tv::PATHS.current, Some(track("Alien")));
    tv.insert(Tv::PATHS.users, 7, user("Ada", "Ulm"));
    let city = Tv::PATHS.users.key(7).then(User::PATHS.addresses.at(0).then(Address::PATHS.city));

    assert_eq!(tv.set(Tv::PATHS.current.some().title, "Aliens".into()), Ok("Alien".into()));
    assert_eq!(tv.set(city, "Bonn".into()), Ok("Ulm".into()));

    assert_eq!(tv.get(Tv::PATHS.current.some().title).as_deref(), Some("Aliens"));
    let city = Tv::PATHS.users.key(7).then(User::PATHS.addresses.at(0).then(Address::PATHS.city));
    assert_eq!(tv.get(city).as_deref(), Some("Bonn"));
}

#[test]
fn patch_merges_in_one_commit_and_an_empty_one_commits_nothing() {
    let tv = tv();

    tv.patch(
        TvPatch::new().casting(true).playback(Playback { url: Some("/new".into()), position: 3 }),
    );
    assert_eq!(tv.version(), 1);
    assert!(tv.get(Tv::PATHS.casting));
    assert_eq!(tv.get(Tv::PATHS.playback.position), 3);

    tv.patch(TvPatch::new());
    assert_eq!(tv.version(), 1);

    tv.patch_at(Tv::PATHS.playback, PlaybackPatch::new().position(9));
    assert_eq!(tv.get(Tv::PATHS.playback), Playback { url: Some("/new".into()), position: 9 });
}

#[test]
fn update_and_update_at_change_in_place() {
    let tv = tv();

    tv.update(|tv| tv.playback.position += 1);
    let twice = tv.update_at(Tv::PATHS.playback.position, |position| {
        *position += 1;
        *position * 2
    });

    assert_eq!(twice, 4);
    assert_eq!(tv.version(), 2);
}

#[test]
fn replace_reset_and_take_return_the_old_value() {
    let tv = create_model("tv", Tv { casting: true, ..Tv::default() });

    let old = tv.replace(Tv { current: Some(track("Alien")), ..Tv::default() });
    assert!(old.casting);
    assert_eq!(tv.take(Tv::PATHS.current), Some(track("Alien")));
    assert_eq!(tv.get(Tv::PATHS.current), None);
    tv.reset();
    assert!(tv.get(Tv::PATHS.casting), "the state that it was created with");
    assert_eq!(tv.version(), 3);
}

#[test]
fn compare_and_set_replaces_only_the_expected_value() {
    let tv = tv();

    assert!(tv.compare_and_set(Tv::PATHS.playback.position, &0, 5));
    assert!(!tv.compare_and_set(Tv::PATHS.playback.position, &0, 6));
    assert!(!tv.compare_and_set(Tv::PATHS.current.some().seconds, &0, 6), "nothing is there");

    assert_eq!(tv.get(Tv::PATHS.playback.position), 5);
    assert_eq!(tv.version(), 1);
}

#[test]
fn collections_grow_and_shrink_by_path() {
    let tv = tv();

    tv.push(Tv::PATHS.queue, track("Alien"));
    tv.push(Tv::PATHS.queue, track("Brazil"));
    assert_eq!(tv.insert(Tv::PATHS.labels, "genre", "horror".into()), None);
    assert_eq!(tv.insert(Tv::PATHS.labels, "genre", "comedy".into()), Some("horror".into()));
    assert_eq!(tv.remove(Tv::PATHS.queue, 0usize), Some(track("Alien")));
    assert_eq!(tv.remove(Tv::PATHS.labels, "genre"), Some("comedy".into()));

    assert_eq!(tv.get(Tv::PATHS.queue.at(0)), Some(track("Brazil")));
    assert!(tv.read(|tv| tv.labels.is_empty()));
}

#[test]
fn i1_a_snapshot_never_changes_and_costs_no_copy() {
    let tv = tv();
    let before = tv.snapshot();

    tv.set(Tv::PATHS.casting, true);

    assert!(!before.casting);
    assert!(tv.snapshot().casting);
    assert!(Arc::ptr_eq(&tv.snapshot(), &tv.snapshot()));
}

#[test]
fn i1_a_write_copies_only_while_a_snapshot_is_held() {
    #[derive(Debug)]
    struct Counted(Arc<AtomicUsize>);
    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Ordering::Relaxed);
            Self(Arc::clone(&self.0))
        }
    }
    impl PartialEq for Counted {
        fn eq(&self, _: &Self) -> bool {
            true
        }
    }
    #[derive(Model, Clone, Debug, PartialEq)]
    struct Big {
        #[model(leaf)]
        clones: Counted,
        number: u32,
    }
    let clones = Arc::new(AtomicUsize::new(0));
    let big = create_model("big", Big { clones: Counted(Arc::clone(&clones)), number: 0 });
    // The first write parts from the initial state, which `reset` needs.
    big.set(Big::PATHS.number, 1);
    clones.store(0, Ordering::Relaxed);

    big.set(Big::PATHS.number, 2);
    big.patch(BigPatch::new().number(3));
    assert_eq!(clones.load(Ordering::Relaxed), 0);

    let held = big.snapshot();
    big.set(Big::PATHS.number, 4);
    big.set(Big::PATHS.number, 5);
    assert_eq!(clones.load(Ordering::Relaxed), 1, "one copy parts from the snapshot");
    assert_eq!(held.number, 3);
}

#[test]
fn i5_a_failing_transaction_is_undone_whole() {
    let tv = tv();
    let seen = Log::default();
    let log = seen.clone();
    let _all = tv.subscribe(Tv::PATHS.path(), move |tv, _| log.push(tv.clone()));

    let failed: Result<(), &str> = tv.transaction(|tx| {
        tx.set(Tv::PATHS.casting, true);
        tx.push(Tv::PATHS.queue, track("Alien"));
        assert!(tx.get(Tv::PATHS.casting), "it reads its own writes");
        Err("no")
    });

    assert_eq!(failed, Err("no"));
    assert_eq!(*tv.snapshot(), Tv::default());
    assert_eq!(tv.version(), 0);
    assert!(seen.take().is_empty());
}

#[test]
fn a_transaction_is_one_commit_and_an_idle_one_is_none() {
    let tv = tv();
    let seen = Log::default();
    let log = seen.clone();
    let _both = tv.subscribe((Tv::PATHS.casting, Tv::PATHS.playback.position), move |both, _| {
        log.push((*both.0, *both.1));
    });

    tv.transaction(|tx| {
        tx.set(Tv::PATHS.casting, true);
        tx.update_at(Tv::PATHS.playback.position, |position| *position += 7);
        tx.insert(Tv::PATHS.users, 1, User::default());
        tx.remove(Tv::PATHS.users, 1u32);
        tx.patch(TvPatch::new().current(Some(track("Alien"))));
        tx.patch_at(Tv::PATHS.playback, PlaybackPatch::new().url(Some("/a".into())));
        assert!(tx.patch_at(Tv::PATHS.users.key(9), UserPatch::new()).is_err());
        Ok::<_, ()>(())
    })
    .unwrap();
    assert_eq!(tv.version(), 1);
    assert_eq!(tv.get(Tv::PATHS.playback.url).as_deref(), Some("/a"));
    assert_eq!(seen.take(), [(true, 7)]);

    tv.transaction(|_| Ok::<_, ()>(())).unwrap();
    assert_eq!(tv.version(), 1);
}

#[test]
fn i6_a_selector_fires_only_when_its_value_changed() {
    let tv = tv();
    let seen = Log::default();
    let log = seen.clone();
    let _url = tv.subscribe(Tv::PATHS.playback.url, move |url, _| log.push(url.clone()));

    tv.set(Tv::PATHS.playback.position, 5);
    tv.set(Tv::PATHS.playback.url, None);
    tv.update(|tv| tv.casting = true);
    assert!(seen.take().is_empty());
    assert_eq!(tv.version(), 3, "an equal value is a commit all the same");

    tv.set(Tv::PATHS.playback.url, Some("/a".into()));
    tv.set(Tv::PATHS.playback, Playback { url: Some("/b".into()), position: 5 });
    tv.update(|tv| tv.playback.url = Some("/c".into()));
    tv.patch_at(Tv::PATHS.playback, PlaybackPatch::new().url(Some("/d".into())));
    tv.reset();
    let expected = ["/a", "/b", "/c", "/d"].map(|url| Some(url.to_owned()));
    assert_eq!(seen.take(), [&expected[..], &[None]].concat());
}

#[test]
fn i6_every_kind_of_selector_shows_its_value() {
    let tv = tv();
    let seen = Log::default();
    let log = || {
        let seen = seen.clone();
        move |text: String| seen.push(text)
    };
    let (place, structs, tuple, map, closure, partial, keyed) =
        (log(), log(), log(), log(), log(), log(), log());
    let _subscriptions = [
        tv.subscribe(Tv::PATHS.casting, move |on, _| place(format!("place {on}"))),
        tv.subscribe(Tv::PATHS.playback, move |p, _| structs(format!("struct {}", p.position))),
        tv.subscribe((Tv::PATHS.casting, Tv::PATHS.current.some().title), move |(on, t), _| {
            tuple(format!("tuple {on} {t:?}"));
        }),
        tv.subscribe(Tv::PATHS.playback.position.map(|p| p / 10), move |tens, _| {
            map(format!("map {tens}"));
        }),
        tv.subscribe(|tv: &Tv| tv.queue.len(), move |len, _| closure(format!("closure {len}"))),
        tv.subscribe(Tv::PATHS.current.some().title, move |t, _| partial(format!("partial {t:?}"))),
        tv.subscribe(Tv::PATHS.users.key(7).then(User::PATHS.name), move |name, _| {
            keyed(format!("keyed {name:?}"));
        }),
    ];

    tv.set(Tv::PATHS.casting, true);
    assert_eq!(seen.take(), ["place true", "tuple true None"]);
    tv.set(Tv::PATHS.playback.position, 9);
    assert_eq!(seen.take(), ["struct 9"]);
    tv.set(Tv::PATHS.playback.position, 10);
    let mut both = seen.take();
    both.sort();
    assert_eq!(both, ["map 1", "struct 10"]);
    tv.push(Tv::PATHS.queue, track("Alien"));
    assert_eq!(seen.take(), ["closure 1"]);
    tv.set(Tv::PATHS.current, Some(track("Alien")));
    assert_eq!(seen.take(), ["tuple true Some(\"Alien\")", "partial Some(\"Alien\")"]);
    tv.insert(Tv::PATHS.users, 7, user("Ada", "Ulm"));
    tv.insert(Tv::PATHS.users, 8, user("Bob", "Bonn"));
    tv.set(Tv::PATHS.users.key(7).then(User::PATHS.name), "Ann".into()).unwrap();
    tv.set(Tv::PATHS.users.key(8).then(User::PATHS.name), "Ben".into()).unwrap();
    tv.remove(Tv::PATHS.users, 7u32);
    assert_eq!(seen.take(), ["keyed Some(\"Ada\")", "keyed Some(\"Ann\")", "keyed None"]);
}

#[test]
fn i6_removing_an_element_moves_the_later_ones() {
    let tv = tv();
    for title in ["Alien", "Brazil", "Casablanca"] {
        tv.push(Tv::PATHS.queue, track(title));
    }
    let seen = Log::default();
    let (first, third) = (seen.clone(), seen.clone());
    let title = Track::PATHS.title;
    let _first = tv.subscribe(Tv::PATHS.queue.at(0).then(title), move |title, _| {
        first.push((0, title.cloned()));
    });
    let _third = tv.subscribe(Tv::PATHS.queue.at(2).then(title), move |title, _| {
        third.push((2, title.cloned()));
    });

    tv.remove(Tv::PATHS.queue, 1usize);

    assert_eq!(seen.take(), [(2, None)]);
}

#[test]
fn i7_a_write_evaluates_only_the_affected_subscriptions() {
    static COMPARED: AtomicUsize = AtomicUsize::new(0);
    #[derive(Clone, Debug, Default)]
    struct Costly(u32);
    impl PartialEq for Costly {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.fetch_add(1, Ordering::Relaxed);
            self.0 == other.0
        }
    }
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Wide {
        number: u32,
        left: Half,
        right: Half,
    }
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Half {
        #[model(leaf)]
        costly: Costly,
        by_key: std::collections::HashMap<u32, u32>,
    }
    let wide = create_model("wide", Wide::default());
    let calls = Arc::new(AtomicUsize::new(0));
    let subscriptions: Vec<_> = (0..1_000)
        .flat_map(|key| {
            let (by_path, by_key) = (Arc::clone(&calls), Arc::clone(&calls));
            [
                wide.subscribe(Wide::PATHS.left.costly, move |_, _| {
                    by_path.fetch_add(1, Ordering::Relaxed);
                }),
                wide.subscribe(Wide::PATHS.right.by_key.key(key), move |_, _| {
                    by_key.fetch_add(1, Ordering::Relaxed);
                }),
            ]
        })
        .collect();

    wide.set(Wide::PATHS.number, 1);
    wide.insert(Wide::PATHS.right.by_key, 7, 1);
    assert_eq!(COMPARED.load(Ordering::Relaxed), 0, "the subscriptions on `left` were not asked");
    assert_eq!(calls.load(Ordering::Relaxed), 1, "one key was written");

    wide.set(Wide::PATHS.left.costly, Costly(2));
    assert_eq!(COMPARED.load(Ordering::Relaxed), 1, "one comparison, however many subscribe");
    assert_eq!(calls.load(Ordering::Relaxed), 1 + subscriptions.len() / 2);
}

#[test]
fn i8_dropping_the_last_handle_drops_the_subscribers() {
    let tv = tv();
    let captured = Arc::new(());
    let held = Arc::clone(&captured);
    tv.subscribe(Tv::PATHS.casting, move |_, _| drop(Arc::clone(&held))).detach();
    let weak = tv.downgrade();
    assert_eq!(Arc::strong_count(&captured), 2);

    let other = tv.clone();
    drop(tv);
    assert!(weak.upgrade().is_some());
    drop(other);

    assert!(weak.upgrade().is_none());
    assert_eq!(Arc::strong_count(&captured), 1);
}

#[test]
fn i8_destroy_drops_the_subscribers_and_later_ones_are_dead() {
    let tv = tv();
    let captured = Arc::new(());
    let held = Arc::clone(&captured);
    let subscription = tv.subscribe(Tv::PATHS.casting, move |_, _| drop(Arc::clone(&held)));
    let seen = Log::default();

    tv.destroy();
    assert_eq!(Arc::strong_count(&captured), 1);
    drop(subscription);

    let log = seen.clone();
    let _dead = tv.subscribe_now(Tv::PATHS.casting, move |on, _| log.push(*on));
    tv.set(Tv::PATHS.casting, true);
    tv.destroy();
    assert!(seen.take().is_empty());
    assert!(tv.get(Tv::PATHS.casting), "the state is still there");
}

#[test]
fn select_reads_the_value_that_a_subscriber_would_receive() {
    let tv = tv();
    tv.set(Tv::PATHS.current, Some(track("Alien")));

    assert!(!tv.select(Tv::PATHS.casting));
    assert_eq!(tv.select(Tv::PATHS.current.some().seconds), Some(60));
    assert_eq!(tv.select((Tv::PATHS.casting, Tv::PATHS.playback.position)), (false, 0));
    assert_eq!(tv.select(|tv: &Tv| tv.queue.len()), 0);
    assert_eq!(tv.select(Tv::PATHS.playback.position.map(|p| p + 1)), 1);
}

#[test]
#[should_panic(expected = "state needs a name")]
fn an_empty_name_is_a_callers_bug() {
    create_model("", Tv::default());
}

#[test]
fn emit_events_emits_every_commit() {
    let bus = Bus::new();
    let tv = tv();
    tv.emit_events(&bus).unwrap();
    let seen = Log::default();
    let log = seen.clone();
    let _on = bus.on_topic(&tv.changed(), move |event| {
        log.push((event.name.to_string(), event.version, event.state.casting));
    });

    tv.set(Tv::PATHS.casting, true);
    tv.set(Tv::PATHS.casting, true);

    assert_eq!(tv.changed().name(), "tv:changed");
    assert_eq!(seen.take(), [("tv".into(), 1, true), ("tv".into(), 2, true)]);
}

#[test]
fn two_of_one_name_cannot_emit_on_one_bus() {
    let bus = Bus::new();
    let (first, second) = (tv(), tv());
    first.emit_events(&bus).unwrap();

    let refused = second.emit_events(&bus).unwrap_err();
    assert!(refused.to_string().contains("`tv:changed` is taken"), "{refused}");

    second.emit_events(&Bus::new()).unwrap();
    drop(first);
    second.emit_events(&bus).unwrap();
}
