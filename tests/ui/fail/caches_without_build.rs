//! A cache is used before it is built.
//!
//! Call `.build()?`.

use sprag::prelude::*;

fn main() -> sprag::Result<()> {
    let drives = create_cache::<u32>("drives");
    let _count = drives.get_or_compute(|| 3); //~ ERROR
    Ok(())
}
