//! Random programs against a plain reference: a clone of the whole state before
//! and after each step, and for each subscription a comparison of what it selects.

use proptest::prelude::*;
use sprag::prelude::*;

use crate::domain::*;

#[derive(Clone, Debug)]
enum Step {
    Position(u64),
    Url(Option<String>),
    Playback(u64),
    Casting(bool),
    Current(Option<u32>),
    Title(u32),
    Patch(bool, u64),
    PatchAt(u64),
    Update(bool, u64),
    Failing(u64),
    Transaction(bool, u32, u64),
    Push(u32),
    Unshift,
    Element(usize, u32),
    Insert(u32, u32),
    Name(u32, u32),
    City(u32, u32),
    Remove(u32),
    Reset,
    Hold,
    Release,
    Subscribe(usize),
    Unsubscribe(usize),
}

fn step() -> impl Strategy<Value = Step> {
    // Few values, so that equal writes, absent places and equal keys are common.
    let small = 0..3u32;
    let number = 0..3u64;
    prop_oneof![
        number.clone().prop_map(Step::Position),
        proptest::option::of("[ab]").prop_map(Step::Url),
        number.clone().prop_map(Step::Playback),
        any::<bool>().prop_map(Step::Casting),
        proptest::option::of(small.clone()).prop_map(Step::Current),
        small.clone().prop_map(Step::Title),
        (any::<bool>(), number.clone()).prop_map(|(on, n)| Step::Patch(on, n)),
        number.clone().prop_map(Step::PatchAt),
        (any::<bool>(), number.clone()).prop_map(|(on, n)| Step::Update(on, n)),
        number.clone().prop_map(Step::Failing),
        (any::<bool>(), small.clone(), number).prop_map(|(on, k, n)| Step::Transaction(on, k, n)),
        small.clone().prop_map(Step::Push),
        Just(Step::Unshift),
        (0..3usize, small.clone()).prop_map(|(at, n)| Step::Element(at, n)),
        (small.clone(), small.clone()).prop_map(|(key, n)| Step::Insert(key, n)),
        (small.clone(), small.clone()).prop_map(|(key, n)| Step::Name(key, n)),
        (small.clone(), small.clone()).prop_map(|(key, n)| Step::City(key, n)),
        small.prop_map(Step::Remove),
        Just(Step::Reset),
        Just(Step::Hold),
        Just(Step::Release),
        (0..SELECTIONS).prop_map(Step::Subscribe),
        (0..8usize).prop_map(Step::Unsubscribe),
    ]
}

fn track_of(n: u32) -> Track {
    Track { title: n.to_string(), seconds: n }
}

fn user_of(n: u32) -> User {
    user(&n.to_string(), &(n / 2).to_string())
}

/// Makes the step on the model; `expect` is what the state must be afterwards.
fn write(model: &Model<Tv>, expect: &mut Tv, step: &Step) {
    match step.clone() {
        Step::Position(n) => {
            model.set(Tv::PATHS.playback.position, n);
            expect.playback.position = n;
        }
        Step::Url(url) => {
            model.set(Tv::PATHS.playback.url, url.clone());
            expect.playback.url = url;
        }
        Step::Playback(n) => {
            expect.playback = Playback { url: None, position: n };
            model.set(Tv::PATHS.playback, expect.playback.clone());
        }
        Step::Casting(on) => {
            model.set(Tv::PATHS.casting, on);
            expect.casting = on;
        }
        Step::Current(n) => {
            expect.current = n.map(track_of);
            model.set(Tv::PATHS.current, expect.current.clone());
        }
        Step::Title(n) => {
            let done = model.set(Tv::PATHS.current.some().title, n.to_string());
            assert_eq!(done.is_ok(), expect.current.is_some());
            if let Some(track) = &mut expect.current {
                track.title = n.to_string();
            }
        }
        Step::Patch(on, n) => {
            expect.casting = on;
            expect.playback = Playback { url: Some("p".into()), position: n };
            model.patch(TvPatch::new().casting(on).playback(expect.playback.clone()));
        }
        Step::PatchAt(n) => {
            expect.playback.position = n;
            model.patch_at(Tv::PATHS.playback, PlaybackPatch::new().position(n));
        }
        Step::Update(on, n) => {
            let change = |tv: &mut Tv| {
                tv.casting = on;
                tv.playback.position = n;
                tv.queue.truncate(2);
            };
            model.update(change);
            change(expect);
        }
        Step::Failing(n) => {
            let failed: Result<(), ()> = model.transaction(|tx| {
                tx.set(Tv::PATHS.playback.position, n);
                tx.insert(Tv::PATHS.users, 0, user_of(9));
                Err(())
            });
            assert!(failed.is_err());
        }
        Step::Transaction(on, key, n) => {
            model
                .transaction(|tx| {
                    tx.set(Tv::PATHS.casting, on);
                    tx.insert(Tv::PATHS.users, key, user_of(key));
                    tx.update_at(Tv::PATHS.playback.position, |position| *position = n);
                    tx.remove(Tv::PATHS.queue, 0usize);
                    Ok::<_, ()>(())
                })
                .unwrap();
            expect.casting = on;
            expect.users.insert(key, user_of(key));
            expect.playback.position = n;
            if !expect.queue.is_empty() {
                expect.queue.remove(0);
            }
        }
        Step::Push(n) => {
            model.push(Tv::PATHS.queue, track_of(n));
            expect.queue.push(track_of(n));
        }
        Step::Unshift => {
            let removed = model.remove(Tv::PATHS.queue, 0usize);
            let first = (!expect.queue.is_empty()).then(|| expect.queue.remove(0));
            assert_eq!(removed, first);
        }
        Step::Element(at, n) => {
            let done = model.set(Tv::PATHS.queue.at(at), track_of(n));
            assert_eq!(done.is_ok(), at < expect.queue.len());
            if let Some(track) = expect.queue.get_mut(at) {
                *track = track_of(n);
            }
        }
        Step::Insert(key, n) => {
            let old = model.insert(Tv::PATHS.users, key, user_of(n));
            assert_eq!(old, expect.users.insert(key, user_of(n)));
        }
        Step::Name(key, n) => {
            let name = Tv::PATHS.users.key(key).then(User::PATHS.name);
            assert_eq!(model.set(name, n.to_string()).is_ok(), expect.users.contains_key(&key));
            if let Some(user) = expect.users.get_mut(&key) {
                user.name = n.to_string();
            }
        }
        Step::City(key, n) => {
            let address = User::PATHS.addresses.at(0).then(Address::PATHS.city);
            let city = Tv::PATHS.users.key(key).then(address);
            assert_eq!(model.set(city, n.to_string()).is_ok(), expect.users.contains_key(&key));
            if let Some(user) = expect.users.get_mut(&key) {
                user.addresses[0].city = n.to_string();
            }
        }
        Step::Remove(key) => {
            assert_eq!(model.remove(Tv::PATHS.users, key), expect.users.remove(&key));
        }
        Step::Reset => {
            model.reset();
            *expect = Tv::default();
        }
        Step::Hold | Step::Release | Step::Subscribe(_) | Step::Unsubscribe(_) => {}
    }
}

/// One subscription: how to subscribe, and the part of a state that it selects.
type Selection = (fn(&Model<Tv>, usize, Log<(usize, String)>) -> Subscription, fn(&Tv) -> String);

macro_rules! selections {
    ($($selector:expr => $view:expr,)*) => {
        const SELECTIONS: usize = [$(stringify!($selector)),*].len();

        fn selections() -> [Selection; SELECTIONS] {
            [$((
                |model, id, log| model.subscribe($selector, move |value, _| {
                    log.push((id, format!("{value:?}")));
                }),
                |tv| { let view: fn(&Tv) -> String = $view; view(tv) },
            )),*]
        }
    };
}

selections! {
    Tv::PATHS.path() => |tv| format!("{tv:?}"),
    Tv::PATHS.playback => |tv| format!("{:?}", tv.playback),
    Tv::PATHS.playback.position => |tv| format!("{:?}", tv.playback.position),
    Tv::PATHS.playback.url => |tv| format!("{:?}", tv.playback.url),
    Tv::PATHS.playback.url.some() => |tv| format!("{:?}", tv.playback.url.as_ref()),
    Tv::PATHS.casting => |tv| format!("{:?}", tv.casting),
    Tv::PATHS.current => |tv| format!("{:?}", tv.current),
    Tv::PATHS.current.some().title => |tv| format!("{:?}", tv.current.as_ref().map(|t| &t.title)),
    Tv::PATHS.queue => |tv| format!("{:?}", tv.queue),
    Tv::PATHS.queue.at(0) => |tv| format!("{:?}", tv.queue.first()),
    Tv::PATHS.queue.at(1).then(Track::PATHS.title) =>
        |tv| format!("{:?}", tv.queue.get(1).map(|track| &track.title)),
    Tv::PATHS.users => |tv| format!("{:?}", tv.users),
    Tv::PATHS.users.key(0) => |tv| format!("{:?}", tv.users.get(&0)),
    Tv::PATHS.users.key(1).then(User::PATHS.name) =>
        |tv| format!("{:?}", tv.users.get(&1).map(|user| &user.name)),
    Tv::PATHS.users.key(1).then(User::PATHS.addresses.at(0).then(Address::PATHS.city)) =>
        |tv| format!("{:?}", tv.users.get(&1).map(|user| &user.addresses[0].city)),
    (Tv::PATHS.casting, Tv::PATHS.playback.position) =>
        |tv| format!("{:?}", (tv.casting, tv.playback.position)),
    (Tv::PATHS.current.some().title, Tv::PATHS.users.key(2)) =>
        |tv| format!("{:?}", (tv.current.as_ref().map(|t| &t.title), tv.users.get(&2))),
    Tv::PATHS.playback.position.map(|position| position / 2) =>
        |tv| format!("{:?}", tv.playback.position / 2),
    |tv: &Tv| tv.users.len() + tv.queue.len() => |tv| format!("{:?}", tv.users.len() + tv.queue.len()),
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..Default::default() })]

    #[test]
    fn i6_i7_exactly_the_subscriptions_whose_value_changed_fire(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let selections = selections();
        let model = tv();
        let mut expect = Tv::default();
        let mut held = Vec::new();
        let log = Log::default();
        let mut live: Vec<(usize, usize, Subscription)> = Vec::new();
        let mut ids = 0;

        for step in &steps {
            match step {
                Step::Hold => held.push((model.snapshot(), expect.clone())),
                Step::Release => drop(held.pop()),
                Step::Subscribe(which) => {
                    live.push((ids, *which, selections[*which].0(&model, ids, log.clone())));
                    ids += 1;
                }
                Step::Unsubscribe(at) if !live.is_empty() => {
                    drop(live.remove(at % live.len()));
                }
                _ => {}
            }
            let before = expect.clone();
            write(&model, &mut expect, step);

            prop_assert_eq!(&*model.snapshot(), &expect);
            let mut fired = log.take();
            fired.sort();
            let due: Vec<_> = live
                .iter()
                .filter_map(|&(id, which, _)| {
                    let (old, new) = (selections[which].1(&before), selections[which].1(&expect));
                    (old != new).then_some((id, new))
                })
                .collect();
            prop_assert_eq!(fired, due, "after {:?}", step);
        }
        for (snapshot, at_that_time) in held {
            prop_assert_eq!(&*snapshot, &at_that_time);
        }
        prop_assert_eq!(model.panics(), 0);
    }
}
