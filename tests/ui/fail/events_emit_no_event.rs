//! What is emitted is no event.
//!
//! Derive `Event` for it.

use sprag::prelude::*;

struct Moved;

fn main() {
    Bus::new().emit(Moved); //~ ERROR
}
