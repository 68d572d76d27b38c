//! `#[sprag::test]`: what a test gets, and that its end finds what is left behind.

mod leaks;
mod params;
mod services;
