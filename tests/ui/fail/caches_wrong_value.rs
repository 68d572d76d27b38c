//! A factory returns another type than the cache holds.
//!
//! Return the type that the cache holds.

use sprag::prelude::*;

fn main() -> sprag::Result<()> {
    let drives = create_cache::<u32>("drives").build()?;
    let _count = drives.get_or_compute(|| "three"); //~ ERROR
    Ok(())
}
