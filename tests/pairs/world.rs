//! [`World`]: a model, what observes it, caches and a bus, all with users' code.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use futures_util::{FutureExt, StreamExt};
use serde::{Deserialize, Serialize};
use sprag::prelude::*;
use sprag::state::{Changes, History};
use test_support::faults::{Site, run};

use crate::users::{K, V, k, v};

#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub one: V,
    pub list: Vec<V>,
    pub map: HashMap<K, V>,
    pub tree: BTreeMap<K, V>,
    pub number: u32,
}

/// A state as plain data, which runs no users' code.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain {
    one: u32,
    list: Vec<u32>,
    map: BTreeMap<u32, u32>,
    tree: BTreeMap<u32, u32>,
    number: u32,
}

impl Plain {
    pub fn of(stage: &Stage) -> Self {
        let pair = |(key, value): (&K, &V)| (key.0.0, value.0.0);
        Self {
            one: stage.one.0.0,
            list: stage.list.iter().map(|value| value.0.0).collect(),
            map: stage.map.iter().map(pair).collect(),
            tree: stage.tree.iter().map(pair).collect(),
            number: stage.number,
        }
    }
}

#[derive(Event, Clone)]
pub struct Ping;

/// Observers of the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    Alone,
    /// Subscribers and caches.
    Observed,
    /// Also a history and a reader of changes.
    Recorded,
    /// Also a snapshot that is held.
    Held,
}

impl Setting {
    pub const ALL: &'static [Self] = &[Self::Alone, Self::Observed, Self::Recorded, Self::Held];
}

/// The values that callbacks received.
type Seen<V> = Arc<Mutex<Vec<V>>>;

pub struct World {
    pub stage: Model<Stage>,
    pub bus: Bus,
    pub cache: Cache<V>,
    pub second: Cache<V>,
    pub keyed: KeyedCache<K, V>,
    pub history: Option<History<Stage>>,
    changes: Option<Changes<Stage>>,
    replica: Model<Stage>,
    pub numbers: Seen<u32>,
    pub wholes: Seen<(u64, Plain)>,
    pub pings: Seen<()>,
    guards: Vec<Subscription>,
    _held: Option<Arc<Stage>>,
}

impl World {
    pub fn new(setting: Setting) -> Self {
        let stage = create_model("stage", initial());
        let bus = Bus::new();
        let recorded = matches!(setting, Setting::Recorded | Setting::Held);
        let cache = create_cache::<V>("cache").bus(&bus).depends_on_path(&stage, Stage::PATHS.one);
        let cache = cache.build().unwrap();
        let second = create_cache::<V>("second").bus(&bus).depends_on_cache(&cache);
        let keyed = create_keyed_cache::<K, V>("keyed").bus(&bus).capacity(8);
        let place = |key: &K| Stage::PATHS.map.key(key.clone());
        let mut world = Self {
            second: second.build().unwrap(),
            keyed: keyed.entry_depends_on_path(&stage, place).build().unwrap(),
            history: recorded.then(|| stage.history(10)),
            changes: recorded.then(|| stage.changes()),
            replica: create_model("replica", initial()),
            _held: None,
            numbers: Seen::default(),
            wholes: Seen::default(),
            pings: Seen::default(),
            guards: Vec::new(),
            stage,
            bus,
            cache,
        };
        if setting != Setting::Alone {
            world.observe();
        }
        world.listen();
        world.prepare();
        world._held = (setting == Setting::Held).then(|| world.stage.snapshot());
        world
    }

    fn observe(&mut self) {
        let (stage, paths) = (&self.stage, Stage::PATHS);
        let wholes = Arc::clone(&self.wholes);
        let whole = move |state: &Plain, change: &Change<'_, Model<Stage>>| {
            wholes.lock().unwrap().push((change.version(), state.clone()));
        };
        self.guards = vec![
            stage.subscribe(paths.one, |_, _| run(Site::Callback)),
            stage.subscribe(paths.list, |_, _| run(Site::Callback)),
            stage.subscribe(paths.map.key(k(1)), |_, _| run(Site::Callback)),
            stage.subscribe(
                paths.one.map(|one| {
                    run(Site::Selector);
                    one.0.0
                }),
                |_, _| run(Site::Callback),
            ),
            stage.subscribe(
                |stage: &Stage| {
                    run(Site::Selector);
                    stage.tree.len()
                },
                |_, _| run(Site::Callback),
            ),
            stage.subscribe((paths.tree, paths.number), |_, _| run(Site::Callback)),
            self.cache.on_invalidate(|_| run(Site::OnInvalidate)),
            self.keyed.on_invalidate(|_| run(Site::OnInvalidate)),
            stage.subscribe(|stage: &Stage| Plain::of(stage), whole),
        ];
    }

    /// Observers that never fail.
    fn listen(&mut self) {
        let (numbers, pings) = (Arc::clone(&self.numbers), Arc::clone(&self.pings));
        self.guards.push(self.bus.on::<Ping>(|_| run(Site::Listener)));
        self.guards.push(self.bus.on::<Ping>(move |_| pings.lock().unwrap().push(())));
        let number = self.stage.subscribe(Stage::PATHS.number, move |number, _| {
            numbers.lock().unwrap().push(*number);
        });
        self.guards.push(number);
    }

    /// One entry to undo and one to redo; caches that have values.
    fn prepare(&self) {
        self.stage.push(Stage::PATHS.list, v(8));
        self.stage.set(Stage::PATHS.number, 2);
        if let Some(history) = &self.history {
            history.undo().unwrap();
        }
        self.stage.flush();
        self.values();
    }

    /// The values of all caches and what they should be.
    pub fn values(&self) -> [(u32, u32); 4] {
        let state = self.stage.snapshot();
        let key = k(1);
        let of_key = || state.map.get(&key).map_or(0, |value| value.0.0);
        [
            (self.cache_value().0.0, state.one.0.0),
            (self.second_value().0.0, state.one.0.0),
            (self.keyed_value(&key).0.0, of_key()),
            (self.keyed.get(&key).map_or(of_key(), |value| value.0.0), of_key()),
        ]
    }

    pub fn cache_value(&self) -> V {
        self.cache.get_or_compute(|| {
            run(Site::Compute);
            self.stage.get(Stage::PATHS.one)
        })
    }

    pub fn second_value(&self) -> V {
        self.second.get_or_compute(|| {
            run(Site::Compute);
            self.cache_value()
        })
    }

    pub fn keyed_value(&self, key: &K) -> V {
        self.keyed.get_or_compute(key, || {
            run(Site::Compute);
            self.stage.get(Stage::PATHS.map.key(key.clone())).unwrap_or_else(|| v(0))
        })
    }

    /// The state and its version, without users' code.
    pub fn state(&self) -> (u64, Plain) {
        let (version, state) = self.stage.versioned();
        (version, Plain::of(&state))
    }

    /// Follows the changes so far; whether the replica then is what the state is.
    pub fn follow(&mut self) -> Result<(), String> {
        let Some(changes) = &mut self.changes else { return Ok(()) };
        while let Some(Some(commit)) = changes.next().now_or_never() {
            let set = commit.map_err(|error| error.to_string())?.changeset();
            let from = self.replica.version();
            self.replica
                .apply_as(&set)
                .map_err(|error| format!("replica at {from}: {error}; {set:?}"))?;
        }
        let (version, state) = self.replica.versioned();
        let replica = (version, Plain::of(&state));
        let own = self.state();
        if replica == own {
            Ok(())
        } else {
            Err(format!("the replica is {replica:?}, not {own:?}"))
        }
    }
}

fn initial() -> Stage {
    Stage {
        one: v(1),
        list: vec![v(3), v(1), v(2)],
        map: HashMap::from([(k(1), v(1)), (k(2), v(2))]),
        tree: BTreeMap::from([(k(1), v(1)), (k(2), v(2)), (k(3), v(3))]),
        number: 1,
    }
}
