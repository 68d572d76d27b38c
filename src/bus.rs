//! Typed events between parts of a program that do not know each other: [`Bus`].
//!
//! An [`Event`] is a type, and a bus finds its listeners by that type. A [`Topic`] names
//! the events of one instance, such as `drives:invalidated`.

pub use sprag_runtime::{Bus, Event, Topic};
