//! [`EventPacket`]: the events of one entry, as data.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The content of one entry: events of one process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EventPacket {
    /// The last sequence that the sender had seen.
    pub(super) prev: u64,
    pub(super) process: u64,
    /// The number of the entry within its process, so that a reader skips a second copy.
    pub(super) number: u64,
    /// How many earlier events the sender could not send.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) unsent: u64,
    pub(super) events: Vec<Box<RawValue>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l3_an_entry_names_the_events_that_were_not_sent_if_there_are_some() {
        for (unsent, expected) in [
            (0, r#"{"prev":3,"process":1,"number":2,"events":[]}"#),
            (4, r#"{"prev":3,"process":1,"number":2,"unsent":4,"events":[]}"#),
        ] {
            let packet = EventPacket { prev: 3, process: 1, number: 2, unsent, events: vec![] };
            assert_eq!(serde_json::to_string(&packet).expect("JSON"), expected);
            let read: EventPacket = serde_json::from_str(expected).expect("it has all members");
            assert_eq!(read.unsent, unsent);
        }
    }
}
