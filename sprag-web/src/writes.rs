//! The writes of browsers: what a page sends, whether it may, and the reply.

pub(crate) mod answer;
mod conditions;
pub(crate) mod large_integers;
pub(crate) mod page_writes;
pub(crate) mod repeated_writes;
pub(crate) mod request;
pub(crate) mod rights;
pub(crate) mod same_value;
pub(crate) mod throttle;
