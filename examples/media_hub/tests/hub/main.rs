//! The media hub, `examples/media_hub`, as a child process with arguments, input, output
//! and signals.
//!
//! The tests do not sleep: a test reads lines up to the expected line, and fails at the
//! deadline.

mod folder;
mod hub;
mod memory;
#[cfg(target_os = "linux")]
mod mounting;
mod once;
#[cfg(unix)]
mod output;
mod page;
#[cfg(unix)]
mod probing;
mod session;
