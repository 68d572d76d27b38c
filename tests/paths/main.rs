//! Typed paths, from the derive to the places they lead to.

mod attributes;
mod enums;
mod everything;
mod generics;
mod hygiene;
mod keyed;
mod lints;
mod patches;
mod structs;
