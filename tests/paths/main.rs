//! Typed paths, from the derive to the places they lead to.

mod attributes;
mod enums;
mod everything;
mod generics;
mod hygiene;
mod keyed;
mod leaves;
mod lints;
mod names;
mod patches;
mod programs;
#[cfg(all(feature = "imbl", feature = "indexmap"))]
mod sets;
mod spelled;
mod structs;
mod surroundings;
#[cfg(all(
    feature = "serde",
    feature = "uuid",
    feature = "jiff",
    feature = "chrono",
    feature = "time",
    feature = "url",
    feature = "bytes",
    feature = "rust_decimal",
    feature = "smol_str",
    feature = "ordered-float"
))]
mod types;
