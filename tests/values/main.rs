//! Run-time paths: places that are given as text, and values that are JSON.
#![cfg(feature = "serde")]

mod atomic;
mod bounded;
mod description;
mod domain;
mod errors;
mod exactness;
mod forms;
mod fuzz;
mod fuzz_forms;
mod generic;
mod hostile;
mod keys;
mod members;
mod merged_places;
mod merges;
mod neighbours;
mod nested;
mod places;
mod programs;
mod rights;
mod shown;
mod skipped;
mod spoken;
mod told;
