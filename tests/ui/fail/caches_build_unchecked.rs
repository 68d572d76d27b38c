//! The `Result` of `build` is taken for the cache.
//!
//! Write `?` behind it.

use sprag::prelude::*;

fn main() -> sprag::Result<()> {
    let drives = create_cache::<u32>("drives").build();
    let _count = drives.get_or_compute(|| 3); //~ ERROR
    Ok(())
}
