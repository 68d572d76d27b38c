//! Run-time paths: places that are given as text, and values that are JSON.
#![cfg(feature = "serde")]

#[path = "values/atomic.rs"]
mod atomic;
#[path = "values/description.rs"]
mod description;
#[path = "values/domain.rs"]
mod domain;
#[path = "values/errors.rs"]
mod errors;
#[path = "values/forms.rs"]
mod forms;
#[path = "values/fuzz.rs"]
mod fuzz;
#[path = "values/places.rs"]
mod places;
#[path = "values/skipped.rs"]
mod skipped;
#[path = "values/told.rs"]
mod told;
