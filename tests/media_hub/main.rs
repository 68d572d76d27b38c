//! The media hub, `examples/media_hub`, as its users run it: a child process with
//! arguments, input, output and signals.
//!
//! Nothing here sleeps: a test reads lines until the one that it waits for, and
//! fails when that has not come by the deadline.

mod folder;
mod hub;

#[cfg(target_os = "linux")]
mod mounting;
mod once;
mod session;
