//! The benchmarks' measuring and reporting. The harness knows no contestant.
//!
//! criterion measures one function after the other, so other work on the machine hits one
//! contestant and spares the next. Here all contestants of a case take turns, round after
//! round, in one process: noise hits all of them alike, and the ratios, which matter most,
//! hold on a busy machine too.

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
