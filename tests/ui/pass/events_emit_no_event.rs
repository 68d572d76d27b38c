use sprag::prelude::*;

#[derive(Event)]
struct Moved;

fn main() {
    Bus::new().emit(Moved);
}
