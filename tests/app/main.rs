//! Apps as a whole: section 1 of the design, and processes that receive signals.
#![cfg(feature = "service")]
#![allow(missing_docs, missing_debug_implementations, unreachable_pub, reason = "these are tests")]

mod section_one;

#[cfg(target_os = "linux")]
mod logs;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod signals;
