//! [`other_reader`]: whether a reader of a commit waits for another one. The ops do not know
//! cells, and so not which locks the caller has.

use crate::cell::reentrancy::is_inside_any;
use crate::delta::OtherReader;

/// The way of this thread with another reader that compares the states of a commit.
pub(super) fn other_reader() -> OtherReader {
    if is_inside_any() { OtherReader::Ignored } else { OtherReader::Awaited }
}
