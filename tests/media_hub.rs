//! The media hub, `examples/media_hub`, as its users run it: a child process with
//! arguments, input, output and signals.
//!
//! Nothing here sleeps: a test reads lines until the one that it waits for, and
//! fails when that has not come by the deadline.

#[path = "media_hub/folder.rs"]
mod folder;
#[path = "media_hub/hub.rs"]
mod hub;

#[cfg(target_os = "linux")]
#[path = "media_hub/mounting.rs"]
mod mounting;
#[path = "media_hub/once.rs"]
mod once;
#[path = "media_hub/session.rs"]
mod session;
