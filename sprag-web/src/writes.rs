//! The writes of browsers: what a page sends, whether it may, and the reply.

pub(crate) mod answer;
pub(crate) mod request;
pub(crate) mod rights;
pub(crate) mod same;
pub(crate) mod sent;
pub(crate) mod throttle;
pub(crate) mod writers;
