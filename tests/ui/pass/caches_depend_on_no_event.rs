use sprag::prelude::*;

#[derive(Event)]
struct Moved;

fn main() -> sprag::Result<()> {
    let _drives = create_cache::<u32>("drives").depends_on::<Moved>().build()?;
    let _moved = Moved;
    Ok(())
}
