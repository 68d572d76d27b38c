//! The ops of a write ([`RecordedOp`]), as data for which only shapes are known.
//!
//! An op has a route and the values that were put there and removed; it can be repeated and
//! reverted. Ops are recorded during a write ([`Recording`]), or found by comparing two
//! states ([`compare`]). This module does not know cells, versions or JSON.

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
mod traced;
mod value;

pub(crate) use self::cause::{Cause, Purpose};
pub(crate) use self::exact::exact_depth;
pub(crate) use self::footprint::{Doing, Footprint, Footprints};
pub(crate) use self::keep::{KeptValue, exchange, kept};
pub(crate) use self::known::Known;
pub(crate) use self::op::{Act, RecordedOp, Shows, ValueOrigin};
pub(crate) use self::plain::{PlainPlace, PlainSet, WrittenValue};
pub(crate) use self::record::{AnyState, HeldRecord, OtherReader, Record, SetRecord};
pub(crate) use self::recording::Recording;
pub(crate) use self::step::{DeltaStep, StepEdit, StepFailure};
pub(crate) use self::traced::TracedPlaces;
pub(crate) use self::value::{Both, Held, Owned};
