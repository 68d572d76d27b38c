//! A bus: typed events, delivered at once and in order.
//!
//! ```text
//! cargo run --example bus
//! ```

use sprag::prelude::*;

#[derive(Event, Clone, Debug)]
#[event("storage:mount_changed")]
struct MountChanged {
    path: String,
    mounted: bool,
}

fn mounted(path: &str) -> MountChanged {
    MountChanged { path: path.to_owned(), mounted: true }
}

fn main() {
    // A bus is a value. `Bus::global()` is the process's bus.
    let bus = Bus::new();

    // Listeners run in the emitter's thread, in order of subscription.
    let log = bus.on(|event: &MountChanged| println!("{}: {event:?}", MountChanged::NAME));
    let _first = bus.once(|event: &MountChanged| println!("the first one: {}", event.path));
    println!("{} listeners", bus.listener_count::<MountChanged>());

    bus.emit(mounted("/media/usb"));
    bus.emit(mounted("/media/film"));

    // A listener may emit. A panic of a listener is reported, and the others still run.
    let again = bus.clone();
    let _answering = bus.on(move |event: &MountChanged| {
        if event.mounted {
            again.emit(MountChanged { mounted: false, ..event.clone() });
        }
    });
    bus.emit(mounted("/media/music"));

    // Dropping the guard unsubscribes.
    drop(log);
    bus.emit(mounted("/media/unheard"));
    println!("{} listener", bus.listener_count::<MountChanged>());
}
