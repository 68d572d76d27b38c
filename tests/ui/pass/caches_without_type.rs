use sprag::prelude::*;

fn main() -> sprag::Result<()> {
    let _drives = create_cache::<u32>("drives").build()?;
    Ok(())
}
