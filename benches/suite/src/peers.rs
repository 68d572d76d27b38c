//! The peers' set-up, and the reasons for it.

pub(crate) mod dioxus;
pub(crate) mod reactive;
pub(crate) mod tasks;
