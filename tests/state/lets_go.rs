//! I2: a state that a write replaced is dropped after the lock, also where its last snapshot
//! goes while the write copies the state.

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
