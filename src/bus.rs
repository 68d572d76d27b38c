//! Typed events between parts of a program that do not know each other: [`Bus`].

pub use sprag_runtime::{Bus, Event, Topic};
