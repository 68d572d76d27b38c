//! An emitted value is not an event.
//!
//! Derive `Event` for it.

use sprag::prelude::*;

struct Moved;

fn main() {
    Bus::new().emit(Moved); //~ ERROR
}
