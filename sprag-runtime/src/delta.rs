//! The ops of a write ([`RecordedOp`]), as data of which only the shapes are known.
//!
//! An op holds a route and the values that were put there and taken away, and can be made
//! again and taken back. Ops are recorded as a write is made ([`Recording`]), or found by
//! comparing two states ([`compare`]). Nothing here knows a cell, a version or JSON.

mod cause;
mod compare;
mod exact;
mod footprint;
mod keep;
mod known;
mod op;
mod plain;
mod record;
mod recording;
mod step;
mod value;

pub(crate) use self::cause::{Cause, Purpose};
pub(crate) use self::exact::exact_depth;
pub(crate) use self::footprint::{Doing, Footprint, Footprints};
pub(crate) use self::keep::{KeptValue, exchange, kept};
pub(crate) use self::known::Known;
pub(crate) use self::op::{Act, RecordedOp, Shows};
pub(crate) use self::plain::PlainPlace;
pub(crate) use self::record::Record;
pub(crate) use self::recording::Recording;
pub(crate) use self::step::{DeltaStep, StepEdit, StepFailure};
pub(crate) use self::value::{Held, Owned};
