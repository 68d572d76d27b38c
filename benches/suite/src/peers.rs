//! What the peers need around them, and how it was chosen.

pub(crate) mod dioxus;
pub(crate) mod reactive;
pub(crate) mod tasks;
