//! Changes as data: changesets, their ops, `apply`, inverses and history (D1 to D8, D11).
#![cfg(feature = "serde")]

mod aliased;
mod apply;
mod at;
mod at_lists;
mod compared;
mod contents;
mod domain;
mod exact;
mod feedback;
#[cfg(all(
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
mod foreign;
mod handles;
mod history;
mod hostile;
#[cfg(all(feature = "uuid", feature = "jiff"))]
mod ids;
mod interpreter;
mod inverse;
mod kept;
mod leaves;
mod members;
mod nested;
mod notified;
mod panics;
mod plain;
mod planned;
mod scalars;
mod small;
mod versions;
mod wire;
mod writers;
