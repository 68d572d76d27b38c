//! The type of a cache's value is not known.
//!
//! Name it: `create_cache::<Vec<Drive>>`.

use sprag::prelude::*;

fn main() -> sprag::Result<()> {
    let _drives = create_cache("drives").build()?; //~ ERROR
    Ok(())
}
