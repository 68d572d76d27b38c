//! D3: `apply` notifies as the same writes by path do: one wave of caches, one event, then
//! the subscribers in their order.

use std::sync::{Arc, Mutex};

use serde_json::json;
use sprag::prelude::*;
use sprag::state::Changeset;

use crate::domain::*;

/// The notifications, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, text: String) {
        self.0.lock().unwrap().push(text);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// The notifications of caches, of the bus and of the subscribers of a world after a write.
fn told(write: impl FnOnce(&Model<World>)) -> Vec<String> {
    let (bus, log, p) = (Bus::new(), Log::default(), World::PATHS);
    let list = vec![item(0, 0), item(1, 1), item(2, 2)];
    let by_id = [(7, item(0, 1)), (8, item(0, 2))].into();
    let world = create_model("world", World { list, by_id, ..World::default() });
    let cache = |name: &str| create_cache::<u8>(name).bus(&bus);
    let lists = cache("lists").depends_on_path(&world, p.list).build().unwrap();
    let by_ids = cache("by ids").depends_on_path(&world, p.by_id).build().unwrap();
    let both = cache("both").depends_on_path(&world, p.list).depends_on_path(&world, p.by_id);
    let both = both.build().unwrap();
    let below = cache("below").depends_on_cache(&lists).depends_on_cache(&by_ids);
    let below = below.build().unwrap();
    let other = cache("other").depends_on_path(&world, p.name).build().unwrap();
    let items = create_keyed_cache::<u64, u8>("items").bus(&bus);
    let items = items.entry_depends_on_path(&world, |id: &u64| World::PATHS.by_id.key(*id));
    let items = items.build().unwrap();
    let all = [lists, by_ids, both, below, other];
    all.iter().for_each(|cache| cache.set(1));
    (7..9).for_each(|id| items.set(id, 1));

    let mut subscriptions = Vec::new();
    for cache in &all {
        let (log, all) = (log.clone(), all.clone());
        subscriptions.push(cache.on_invalidate(move |event| {
            let marked = all.iter().filter(|cache| cache.get().is_none()).count();
            log.add(format!("`{}` when {marked} are marked", event.name));
        }));
    }
    let tell = log.clone();
    subscriptions.push(world.subscribe(p.by_id.len(), move |len, change| {
        tell.add(format!("len {len} at {}", change.version()));
    }));
    let tell = log.clone();
    world.emit_events(&bus).unwrap();
    let events = bus.on_topic(&world.changed(), move |event| {
        tell.add(format!("event {} of {} items", event.version, event.state.by_id.len()));
    });
    let tell = log.clone();
    subscriptions.push(world.subscribe(p.name, move |name: &String, _| tell.add(name.clone())));
    let tell = log.clone();
    let stars = p.list.at(0).then(Item::PATHS.stars);
    subscriptions.push(world.subscribe(stars, move |stars, change| {
        tell.add(format!("stars {stars:?} at {}", change.version()));
    }));
    let tell = log.clone();
    subscriptions.push(world.subscribe(
        |world: &World| world.list.len() + world.by_id.len(),
        move |count, _| tell.add(format!("count {count}")),
    ));

    write(&world);

    log.add(format!("items {:?}, {:?}", items.get(&7), items.get(&8)));
    drop((subscriptions, events));
    log.take()
}

fn set(to: u64) -> Changeset {
    let ops = json!([["=", ["list", 0, "stars"], 2], ["-", ["byId", "7"]]]);
    serde_json::from_value(json!({ "from": 0, "to": to, "ops": ops })).unwrap()
}

#[test]
fn d3_subscribers_are_notified_as_by_path() {
    let by_path = told(|world| {
        let written = world.transaction(|tx| {
            tx.set(World::PATHS.list.at(0).then(Item::PATHS.stars), 2)?;
            tx.remove(World::PATHS.by_id, 7_u64);
            Ok::<_, sprag::error::Absent>(())
        });
        written.unwrap();
    });

    let applied = told(|world| _ = world.apply(&set(1)).unwrap());

    assert_eq!(applied, by_path);
    let (wave, rest) = applied.split_at(4);
    let mut wave = wave.to_vec();
    wave.sort();
    let marked = |name| format!("`{name}` when 4 are marked");
    assert_eq!(wave, ["below", "both", "by ids", "lists"].map(marked), "one wave");
    let expected = [
        "len 1 at 1",
        "event 1 of 1 items",
        "stars Some(2) at 1",
        "count 4",
        "items None, Some(1)",
    ];
    assert_eq!(rest, expected, "in the order of subscription");
}

#[test]
fn d3_subscribers_are_told_the_version_of_the_changeset() {
    let applied = told(|world| _ = world.apply_as(&set(9)).unwrap());
    let expected = [
        "len 1 at 9",
        "event 9 of 1 items",
        "stars Some(2) at 9",
        "count 4",
        "items None, Some(1)",
    ];
    assert_eq!(applied[4..], expected);
}

#[test]
fn d3_a_changeset_that_does_not_fit_tells_nobody() {
    let told = told(|world| {
        let ops = json!([["=", ["list", 0, "stars"], 2], ["-", ["byId", "9"]]]);
        let set = json!({ "from": 0, "to": 1, "ops": ops });
        world.apply(&serde_json::from_value(set).unwrap()).unwrap_err();
    });
    assert_eq!(told, ["items Some(1), Some(1)"]);
}
