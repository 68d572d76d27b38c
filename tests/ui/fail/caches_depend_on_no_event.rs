//! A cache depends on a type that is not an event.
//!
//! Derive `Event` for it.

use sprag::prelude::*;

struct Moved;

fn main() -> sprag::Result<()> {
    let _drives = create_cache::<u32>("drives").depends_on::<Moved>().build()?; //~ ERROR
    let _moved = Moved;
    Ok(())
}
