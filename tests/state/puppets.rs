//! Values and keys whose `Clone`, `PartialEq`, `Hash`, `Debug` and `Drop` run the test's
//! closures.

use std::collections::{BTreeMap, HashMap};
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use sprag::prelude::*;

use crate::attack::{OnDrop, elsewhere};
use crate::domain::*;

/// A value whose `Clone`, `PartialEq`, `Debug` and `Drop` run the test's closures.
#[derive(Default)]
struct Puppet(u32, Option<Arc<Strings>>);

type String_ = Mutex<Option<Box<dyn Fn() + Send + Sync>>>;

#[derive(Default)]
struct Strings {
    clone: String_,
    eq: String_,
    debug: String_,
    drop: String_,
}

impl std::fmt::Debug for Strings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Strings")
    }
}

impl Strings {
    fn tie(string: &String_, f: impl Fn() + Send + Sync + 'static) {
        *string.lock().unwrap() = Some(Box::new(f));
    }
}

impl Puppet {
    fn pull(&self, which: impl FnOnce(&Strings) -> &String_) {
        let Some(strings) = &self.1 else { return };
        let string =
            which(strings).lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(string) = string {
            string();
        }
    }
}

impl Clone for Puppet {
    fn clone(&self) -> Self {
        self.pull(|strings| &strings.clone);
        Self(self.0, self.1.clone())
    }
}

impl PartialEq for Puppet {
    fn eq(&self, other: &Self) -> bool {
        self.pull(|strings| &strings.eq);
        self.0 == other.0
    }
}

impl std::fmt::Debug for Puppet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pull(|strings| &strings.debug);
        f.write_str("Puppet")
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        self.pull(|strings| &strings.drop);
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Stage {
    number: u32,
    #[model(leaf)]
    puppet: Puppet,
    by_key: BTreeMap<u32, Actor>,
    current: Option<u32>,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Actor {
    #[model(leaf)]
    puppet: Puppet,
}

fn stage() -> (Model<Stage>, Arc<Strings>) {
    let strings = Arc::<Strings>::default();
    let state = Stage { puppet: Puppet(0, Some(Arc::clone(&strings))), ..Stage::default() };
    (create_model("stage", state), strings)
}

#[test]
fn i2_callbacks_of_a_write_inside_clone_run_after_the_readers_lock() {
    let (stage, strings) = stage();
    let other = create_model("other", 0u32);
    let back = stage.downgrade();
    let _other = other.subscribe(
        |n: &u32| *n,
        move |n, _| {
            back.upgrade().unwrap().set(Stage::PATHS.number, *n);
        },
    );
    let written = other.clone();
    Strings::tie(&strings.clone, move || drop(written.replace(7)));

    drop(stage.get(Stage::PATHS.puppet));

    assert_eq!(stage.get(Stage::PATHS.number), 7);
    assert_eq!(other.panics(), 0);
}

#[test]
fn i2_debug_runs_under_no_lock() {
    let (stage, strings) = stage();
    let written = stage.downgrade();
    Strings::tie(&strings.debug, move || {
        written.upgrade().unwrap().set(Stage::PATHS.number, 7);
    });

    assert!(format!("{stage:?}").contains("number: 0"));

    assert_eq!(stage.get(Stage::PATHS.number), 7);
}

#[test]
fn i2_the_argument_of_an_insert_is_dropped_after_the_lock_even_if_eq_panics() {
    let (stage, strings) = stage();
    let actor = |n| Actor { puppet: Puppet(n, Some(Arc::clone(&strings))) };
    stage.insert(Stage::PATHS.by_key, 1, actor(1));
    let touched = stage.downgrade();
    Strings::tie(&strings.eq, || panic!("eq"));
    Strings::tie(&strings.drop, move || {
        let stage = touched.upgrade().unwrap();
        elsewhere(move || stage.set(Stage::PATHS.number, 7));
    });

    let outcome = catch_unwind(AssertUnwindSafe(|| stage.insert(Stage::PATHS.by_key, 1, actor(2))));

    assert!(outcome.is_err());
    assert_eq!(stage.get(Stage::PATHS.number), 7);
}

#[test]
fn i2_a_closure_that_is_not_called_is_dropped_after_the_lock() {
    let (stage, strings) = stage();
    let touch = |n: u32| {
        let stage = stage.clone();
        OnDrop(move || {
            elsewhere(|| stage.set(Stage::PATHS.number, n));
        })
    };

    let touching = touch(7);
    let absent = stage.update_at(Stage::PATHS.current.some(), move |_| drop(touching));
    assert!(absent.is_err());
    assert_eq!(stage.get(Stage::PATHS.number), 7);

    Strings::tie(&strings.clone, || panic!("clone"));
    let touching = touch(8);
    let outcome = catch_unwind(AssertUnwindSafe(|| stage.update(move |_| drop(touching))));
    assert!(outcome.is_err());
    assert_eq!(stage.get(Stage::PATHS.number), 8);
}

/// Cheap to clone, so that subscribers receive a clone.
#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Prop {
    number: u32,
    #[model(skip)]
    puppet: Puppet,
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Scene {
    list: Vec<u32>,
    first: Prop,
    second: Prop,
}

#[test]
fn i5_a_panic_while_several_are_staged_takes_the_write_back() {
    let scene = create_model("scene", Scene::default());
    let log = Log::default();
    let (list, both, second) = (log.clone(), log.clone(), log.clone());
    let _subscriptions = [
        scene.subscribe(Scene::PATHS.list, move |_, _| list.push("list")),
        scene.subscribe((Scene::PATHS.list, Scene::PATHS.first), move |_, _| both.push("both")),
        scene.subscribe(Scene::PATHS.second, move |_, _| second.push("second")),
    ];
    scene.set(Scene::PATHS.list, vec![1]);
    log.take();
    let prop = |number| {
        let strings = Arc::<Strings>::default();
        (Prop { number, puppet: Puppet(0, Some(Arc::clone(&strings))) }, strings)
    };
    let ((first, of_first), (second, of_second)) = (prop(1), prop(2));
    Strings::tie(&of_second.clone, || panic!("clone"));
    let (touched, dropped) = (scene.downgrade(), Arc::new(AtomicBool::new(false)));
    let flag = Arc::clone(&dropped);
    // The first to be dropped is the clone that was to be shown.
    Strings::tie(&of_first.drop, move || {
        let scene = touched.upgrade().unwrap();
        assert_eq!(elsewhere(|| scene.get(Scene::PATHS.list)), [1]);
        flag.store(true, Ordering::Relaxed);
    });
    let patch = ScenePatch::new().list(vec![2]).first(first).second(second);

    let outcome = catch_unwind(AssertUnwindSafe(|| scene.patch(patch)));

    assert!(outcome.is_err());
    assert!(dropped.load(Ordering::Relaxed), "a clone was staged and dropped");
    assert_eq!((scene.get(Scene::PATHS.list), scene.version()), (vec![1], 1));
    assert!(log.take().is_empty());
    scene.set(Scene::PATHS.list, vec![3]);
    assert_eq!(log.take(), ["list", "both"]);
}

#[test]
fn i5_a_transaction_that_panics_while_it_is_staged_is_taken_back() {
    let scene = create_model("scene", Scene { list: vec![1], ..Scene::default() });
    let log = Log::default();
    let (length, long, each, second) = (log.clone(), log.clone(), log.clone(), log.clone());
    let paths = Scene::PATHS;
    let _subscriptions = [
        scene.subscribe(paths.list.len(), move |_, _| length.push("length")),
        scene.subscribe(paths.list.map(|list: &Vec<u32>| list.len() > 1), move |_, _| {
            long.push("long");
        }),
        scene.subscribe(paths.list.each(), move |_, _| each.push("each")),
        scene.subscribe(paths.second, move |_, _| second.push("second")),
    ];
    let strings = Arc::<Strings>::default();
    let prop = Prop { number: 2, puppet: Puppet(0, Some(Arc::clone(&strings))) };
    Strings::tie(&strings.clone, || panic!("clone"));

    let outcome = catch_unwind(AssertUnwindSafe(|| {
        scene.transaction(|tx| {
            tx.push(paths.list, 2);
            tx.set(paths.second, prop);
            Ok::<_, ()>(())
        })
    }));

    assert!(outcome.is_err());
    assert_eq!((scene.get(paths.list), scene.version()), (vec![1], 0));
    assert_eq!(scene.get(paths.second).number, 0);
    assert!(log.take().is_empty());
    scene.push(paths.list, 3);
    log.take().sort_unstable();
    assert_eq!(scene.get(paths.list), [1, 3]);
}

/// A key whose `Hash` runs the test's closure.
#[derive(Model, Clone, Debug)]
#[model(leaf)]
struct Key(Arc<Strings>);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let string = self.0.clone.lock().unwrap().take();
        if let Some(string) = string {
            string();
        }
        1.hash(state);
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[allow(clippy::mutable_key_type, reason = "it is hashed as a constant")]
struct Keyed {
    number: u32,
    #[model(leaf)]
    leaf: u32,
    by_key: HashMap<Key, u32>,
}

#[test]
fn i2_keys_are_dropped_after_the_lock() {
    #[derive(Model, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    #[model(leaf)]
    struct Loud(u32);
    impl Drop for Loud {
        fn drop(&mut self) {
            DROPPED.with_borrow_mut(|dropped| dropped.iter_mut().for_each(|f| f()));
        }
    }
    type Dropped = Vec<Box<dyn FnMut()>>;
    thread_local! {
        static DROPPED: std::cell::RefCell<Dropped> = const { std::cell::RefCell::new(Vec::new()) };
    }
    #[derive(Model, Clone, Debug, Default, PartialEq)]
    struct Loudly {
        map: BTreeMap<Loud, u32>,
        hashed: HashMap<Loud, u32>,
        absent: Option<BTreeMap<Loud, u32>>,
    }
    let places = Loudly::PATHS;
    let model = create_model("loudly", Loudly::default());
    model.insert(places.map, Loud(1), 1);
    model.insert(places.hashed, Loud(1), 1);
    let told = Log::default();
    let watch = |name| {
        let told = told.clone();
        move |_: &_| told.push(name)
    };
    let (ordered, hashed) = (watch("map"), watch("hashed"));
    let _ordered = model.subscribe(places.map.keys(), move |_, _| ordered(&()));
    let _hashed = model.subscribe(places.hashed.keys(), move |_, _| hashed(&()));
    let touched = model.clone();
    let free = Log::default();
    let log = free.clone();
    let touch = move || {
        let version = catch_unwind(AssertUnwindSafe(|| touched.version()));
        log.push(version.is_ok());
    };
    DROPPED.with_borrow_mut(|dropped| dropped.push(Box::new(touch)));

    assert_eq!(model.remove(places.map, Loud(9)), None);
    assert!(model.remove(places.absent.some(), Loud(9)).is_err());
    assert!(told.take().is_empty());
    model.set(places.map, [(Loud(1), 2)].into());
    model.set(places.hashed, [(Loud(1), 2)].into());
    assert!(told.take().is_empty());
    model.replace(Loudly { map: [(Loud(2), 2)].into(), ..Loudly::default() });
    assert_eq!(told.take(), ["map", "hashed"]);
    model.update(|state| state.hashed = [(Loud(3), 3)].into());
    assert_eq!(told.take(), ["hashed"]);

    DROPPED.with_borrow_mut(Vec::clear);
    let free = free.take();
    assert!(!free.is_empty() && free.iter().all(|free| *free));
}

#[test]
fn i2_dropping_a_guard_runs_no_hash() {
    let model = create_model("keyed", Keyed::default());
    let key = Arc::<Strings>::default();
    let guard = model.subscribe(Keyed::PATHS.by_key.key(Key(Arc::clone(&key))), |_, _| {});
    let touched = model.clone();
    Strings::tie(&key.clone, move || {
        elsewhere(|| touched.set(Keyed::PATHS.number, 1));
    });

    drop(guard);

    assert!(key.clone.lock().unwrap().is_some(), "the key was not hashed again");
    assert_eq!(model.set(Keyed::PATHS.leaf, 2), 0);
}
