use sprag::prelude::*;

#[derive(Event)]
struct Empty;

#[derive(Event)]
#[event("a", crate = sprag)]
struct Option;

#[derive(Event)]
struct MountChanged<T>(T);

fn main() {
    assert_eq!([Empty::NAME, Option::NAME], ["empty", "a"]);
    assert_eq!(MountChanged::<u8>::NAME, "mount_changed");
    let _ = MountChanged(0);
}
