//! Typed paths, from the derive to the places they lead to.

#[path = "paths/attributes.rs"]
mod attributes;
#[path = "paths/enums.rs"]
mod enums;
#[path = "paths/everything.rs"]
mod everything;
#[path = "paths/generics.rs"]
mod generics;
#[path = "paths/hygiene.rs"]
mod hygiene;
#[path = "paths/keyed.rs"]
mod keyed;
#[path = "paths/lints.rs"]
mod lints;
#[path = "paths/patches.rs"]
mod patches;
#[path = "paths/structs.rs"]
mod structs;
