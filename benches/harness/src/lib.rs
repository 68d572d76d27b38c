//! How the benchmarks measure and report; it knows none of what they compare.
//!
//! criterion measures one function after the other, so that whatever else the machine
//! does meanwhile hits one contestant and spares the next. Here all contestants of a
//! case take turns, round after round, in one process: noise hits all of them alike,
//! and the ratios, which are what the figures are for, hold on a busy machine too.

mod clock;
mod contest;
mod figure;
mod machine;
mod options;
mod readme;
mod report;
mod spread;
mod tables;

pub use clock::ThreadClock;
pub use contest::Contest;
pub use figure::{Figure, Role, Unit, grouped};
pub use options::Options;
pub use readme::fill;
pub use report::{Report, Results, folder};
pub use spread::Spread;
pub use tables::matrices;
