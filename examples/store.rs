//! A store: flat state that is written and watched as a whole.
//!
//! ```text
//! cargo run --example store
//! ```

use sprag::{prelude::*, state::Changed};

#[derive(Model, Clone, Debug, Default)]
struct Connections {
    count: u32,
    active: Vec<String>,
}

fn main() -> sprag::Result<()> {
    let connections = create_store("connections", Connections::default());

    // Called with a snapshot after every write.
    let watching = connections.subscribe(|now, change| {
        println!("{} is at version {}: {now:?}", change.name(), change.version());
    });

    // A shallow merge: `active` stays.
    connections.set(ConnectionsPatch::new().count(1));

    // Any change, atomic under the lock. A closure that panics changes nothing.
    connections.update(|draft| {
        draft.count += 1;
        draft.active.push("ada".to_owned());
    });

    // A snapshot never changes.
    let before = connections.get();
    connections.update(|draft| draft.active.clear());
    println!("before: {:?}, now: {:?}", before.active, connections.get().active);

    // Dropping the guard unsubscribes; `subscribe_now` begins with the present state.
    drop(watching);
    let _watching = connections.subscribe_now(|now, _| println!("there are {} now", now.count));

    // The same writes as events on a bus, on the topic `connections:changed`.
    let bus = Bus::new();
    connections.emit_events(&bus)?;
    let _listening = bus.on_topic(&connections.changed(), |event: &Changed<Connections>| {
        println!("{}:changed to version {}", event.name, event.version);
    });
    connections.set(ConnectionsPatch::new().count(3));
    Ok(())
}
