//! Requests: which ones are served, by which handler, and why others are refused.

pub(crate) mod assets;
pub(crate) mod doors;
pub(crate) mod listener;
pub(crate) mod query;
pub(crate) mod refusal;
pub(crate) mod refused;
pub(crate) mod serve;
pub(crate) mod session;
pub(crate) mod show;
