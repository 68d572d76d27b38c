//! The media hub, `examples/media_hub`, as a child process with arguments, input, output
//! and signals.
//!
//! The tests do not sleep: a test reads lines up to the expected line, and fails at the
//! deadline. The sources of the program that are modules here are those of its state, which one
//! test calls.

mod folder;
mod hub;
mod memory;
#[cfg(target_os = "linux")]
mod mounting;
mod once;
#[allow(dead_code, reason = "the program uses it")]
#[path = "../../src/options.rs"]
mod options;
#[cfg(unix)]
mod output;
mod page;
#[cfg(unix)]
mod probing;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../src/screen.rs"]
mod screen;
mod session;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../src/shown.rs"]
mod shown;
#[allow(dead_code, reason = "the program uses the rest")]
#[path = "../../src/tv.rs"]
mod tv;
