//! `#[sprag::test]`: what a test gets, and that its end finds what is left behind.

#[cfg(target_os = "linux")]
mod alone;
mod leaks;
mod params;
mod services;
