//! Caches: values that are expensive to compute, kept until they expire or until a
//! dependency changes.
//!
//! ```text
//! cargo run --example cache
//! ```

use std::thread;
use std::time::Duration;

use sprag::prelude::*;

#[derive(Event)]
#[event("storage:mount_changed")]
struct MountChanged;

fn main() -> sprag::Result<()> {
    let bus = Bus::new();
    let drives = create_cache::<Vec<&str>>("drives")
        .bus(&bus)
        .ttl(Duration::from_secs(300))
        .depends_on::<MountChanged>()
        .build()?;
    // Computed from the drives, so an invalidation of the drives invalidates it too.
    let free = create_cache::<u64>("free").bus(&bus).depends_on_cache(&drives).build()?;

    let scan_drives = || {
        println!("scanning the drives");
        vec!["/", "/media/usb"]
    };

    // One thread computes; every other caller waits for its value.
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| drives.get_or_compute(scan_drives));
        }
    });
    let room = free.get_or_compute(|| 10 * drives.get_or_compute(scan_drives).len() as u64);
    println!("{room} GB are free; {:?}", drives.stats());

    // The event reaches `drives`, and through it `free`.
    let _guard =
        bus.on_topic(&free.invalidated(), |event| println!("`{}` invalidated", event.name));
    bus.emit(MountChanged);
    println!("drives: {:?}, free: {:?}", drives.get(), free.get());

    // An explicit invalidation. An error is not stored, so the next caller computes again.
    drives.invalidate();
    match drives.try_get_or_compute(|| Err::<Vec<&str>, _>("the disk is busy")) {
        Ok(list) => println!("{list:?}"),
        Err(error) => println!("{:#}", sprag::Error::from(error)),
    }
    println!("{:?}", drives.get_or_compute(scan_drives));

    // The same for each key, with a bound on the number of entries.
    let thumbs = create_keyed_cache::<String, usize>("thumbs").bus(&bus).capacity(100).build()?;
    for name in ["cover.png", "cover.png", "back.png"] {
        println!("{name}: {} bytes", thumbs.get_or_compute(name, || name.len() * 64));
    }
    println!("{:?}", thumbs.stats());
    Ok(())
}
