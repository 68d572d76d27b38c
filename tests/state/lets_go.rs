//! I2: a state that a write replaced is dropped after the lock, also where its last snapshot
//! goes while the write copies the state. I8: a selector goes with its last subscription.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use sprag::prelude::*;

/// The actions of a value of the state when it is cloned and dropped.
#[derive(Default)]
struct Scene {
    model: Option<Model<Stage>>,
    /// Let go by the next clone.
    held: Option<Arc<Stage>>,
    /// Whether the cell could be read in each drop.
    drops: Vec<bool>,
}

#[derive(Debug, Default)]
struct Actor {
    scene: Option<Arc<Mutex<Scene>>>,
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scene")
    }
}

impl Clone for Actor {
    fn clone(&self) -> Self {
        if let Some(scene) = &self.scene {
            let held = scene.lock().unwrap().held.take();
            drop(held);
        }
        Self { scene: self.scene.clone() }
    }
}

impl PartialEq for Actor {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        let Some(scene) = &self.scene else { return };
        let Some(model) = scene.lock().unwrap().model.clone() else { return };
        let read = || model.version();
        let is_free = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read)).is_ok();
        scene.lock().unwrap().drops.push(is_free);
    }
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Stage {
    #[model(leaf)]
    actor: Actor,
    number: u32,
}

/// Writes while a snapshot is held that the copy lets go.
fn drops_of(write: impl FnOnce(&Model<Stage>)) -> Vec<bool> {
    let scene = Arc::new(Mutex::new(Scene::default()));
    let actor = Actor { scene: Some(Arc::clone(&scene)) };
    let stage = create_model("stage", Stage::default());
    stage.set(Stage::PATHS.actor, actor);
    {
        let mut scene = scene.lock().unwrap();
        scene.held = Some(stage.snapshot());
        scene.model = Some(stage.clone());
    }
    write(&stage);
    let drops = {
        let mut scene = scene.lock().unwrap();
        scene.model = None;
        std::mem::take(&mut scene.drops)
    };
    drop(stage);
    drops
}

#[test]
fn i2_a_replaced_state_is_dropped_after_the_lock_of_an_unwatched_write() {
    let drops = drops_of(|stage| drop(stage.set(Stage::PATHS.number, 7).to_string()));
    assert_eq!(drops, [true]);
}

#[test]
fn i2_a_replaced_state_is_dropped_after_the_lock_of_a_watched_write() {
    let drops = drops_of(|stage| {
        let _subscription = stage.subscribe(Stage::PATHS.number, |_, _| {});
        stage.set(Stage::PATHS.number, 7);
    });
    assert_eq!(drops, [true]);
}

#[derive(Model, Clone, Debug, Default, PartialEq)]
struct Home {
    rooms: HashMap<Arc<str>, Vec<u8>>,
    list: Vec<u8>,
    count: u8,
}

/// The subscriptions to every kind of place, each of which holds `key`.
fn holders(home: &Model<Home>, key: &Arc<str>) -> Vec<Subscription> {
    let room = || Home::PATHS.rooms.key(Arc::clone(key));
    let [mapped, whole, plain, each] = [0; 4].map(|_| Arc::clone(key));
    vec![
        home.subscribe(room(), |_, _| {}),
        home.subscribe(room().len(), |_, _| {}),
        home.subscribe(room().each(), |_, _| {}),
        home.subscribe((room(), Home::PATHS.count), |_, _| {}),
        home.subscribe(Home::PATHS.count.map(move |count| *count > mapped.len() as u8), |_, _| {}),
        home.subscribe(move |home: &Home| home.list.len() > whole.len(), |_, _| {}),
        home.subscribe(Home::PATHS.list.at(0), move |_, _| drop(Arc::clone(&plain))),
        home.subscribe(Home::PATHS.list.each(), move |_, _| drop(Arc::clone(&each))),
    ]
}

#[test]
fn i8_a_selector_goes_with_its_last_subscription() {
    let (home, key) = (create_model("home", Home::default()), Arc::<str>::from("attic"));
    let kept = holders(&home, &Arc::from("hall"));
    for subscription in holders(&home, &key) {
        drop(subscription);
        home.set(Home::PATHS.count, 1);
    }
    assert_eq!(Arc::strong_count(&key), 1, "one after the other");
    let last = home.subscribe(Home::PATHS.rooms.key(Arc::clone(&key)), |_, _| {});
    home.update(|_| drop(last));
    let next = home.subscribe(Home::PATHS.count, |_, _| {});
    assert_eq!(Arc::strong_count(&key), 1, "during an update, with the next subscription");
    drop(next);
    for order in [false, true] {
        let mut all = holders(&home, &key);
        home.set(Home::PATHS.count, 2);
        home.insert(Home::PATHS.rooms, Arc::clone(&key), vec![1]);
        if order {
            all.reverse();
        }
        while let Some(last) = all.pop() {
            drop(last);
        }
        home.remove(Home::PATHS.rooms, &key);
        home.push(Home::PATHS.list, 1);
        assert_eq!(Arc::strong_count(&key), 1, "all at once");
    }
    drop(kept);
}
