//! [`LogEntry`] and [`StoredState`]: the content of a log, as data with a checksum.
//!
//! ```text
//! sprag1 5d41402a
//! {"log":…,"prev":…,"prev_sum":…,"id":[…],"type":…,"writes":[…]}
//! ```
//!
//! The checksum is the CRC-32 of all that follows the first line.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sprag_runtime::{Op, Origin, Origins};

/// The first bytes of each entry and each snapshot; the number is that of the format.
const MARK: &str = "sprag1 ";
const HEAD: usize = MARK.len() + 9;

/// Distinguishes the entries of all processes: the process, and a count within it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogEntryId(pub(crate) u64, pub(crate) u64);

/// One entry of a log: the writes of several callers, as one commit.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LogEntry {
    /// The incarnation of the log, which changes when the log is destroyed and created
    /// again.
    pub(crate) log: u64,
    /// The sequence of the last counting entry when this one was created; 0 for the first.
    pub(crate) prev: u64,
    /// The checksum of the entry at `prev`, 0 for the first entry. An entry that another history
    /// has at that sequence has another checksum.
    pub(crate) prev_sum: u32,
    pub(crate) id: LogEntryId,
    /// The fingerprint of the type whose process wrote the entry.
    #[serde(rename = "type")]
    pub(crate) fingerprint: u32,
    /// The initial state, in the first entry of an incarnation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) writes: Vec<LoggedWrite>,
}

/// The write of one caller.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LoggedWrite {
    /// The caller's number in its process.
    pub(crate) id: u64,
    /// The caller's origin, or the origins of the changeset that it applied.
    #[serde(default, skip_serializing_if = "Origins::is_empty")]
    pub(crate) by: Origins,
    pub(crate) ops: Box<RawValue>,
    /// Whether the write ends the log's incarnation.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) ends: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The whole state at one sequence, as a snapshot stores it. `S` is a state that is serialised, or
/// the JSON that a snapshot has: a large state is not copied.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct StoredState<'a, S> {
    pub(crate) log: u64,
    pub(crate) sequence: u64,
    /// The checksum of the entry at that sequence.
    pub(crate) sum: u32,
    #[serde(rename = "type")]
    pub(crate) fingerprint: u32,
    /// The fingerprints of all types that wrote the log so far, the oldest first.
    #[serde(default)]
    pub(crate) types: Vec<u32>,
    /// The state of the first entry, which the snapshot drops, in the type that wrote the snapshot.
    /// The first snapshots had none.
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pub(crate) initial: Option<&'a RawValue>,
    /// The state; `None` once the log's incarnation has ended.
    pub(crate) state: Option<S>,
}

/// Why bytes are not an entry or a snapshot.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    #[error("the bytes are not an entry of sprag-log; another program wrote to the log")]
    Foreign,
    #[error("the checksum is {found:08x} and should be {expected:08x}")]
    Checksum { found: u32, expected: u32 },
    #[error("{0}")]
    Format(#[from] serde_json::Error),
}

impl LogEntry {
    /// The ops of all writes, in order.
    pub(crate) fn ops(&self) -> Result<Vec<Op>, serde_json::Error> {
        let mut ops = Vec::new();
        for write in &self.writes {
            ops.append(&mut serde_json::from_str(write.ops.get())?);
        }
        Ok(ops)
    }

    /// Whether the entry is the last one of its incarnation.
    pub(crate) fn ends(&self) -> bool {
        self.writes.iter().any(|write| write.ends)
    }

    /// The origins of all writes, in order.
    pub(crate) fn origins(&self) -> impl Iterator<Item = Origin> {
        self.writes.iter().flat_map(|write| &*write.by).cloned()
    }
}

/// `value` in its stored form.
pub(crate) fn encode(value: &impl Serialize) -> Result<Bytes, serde_json::Error> {
    let mut bytes = format!("{MARK}00000000\n").into_bytes();
    serde_json::to_writer(&mut bytes, value)?;
    let sum = format!("{:08x}", crc32fast::hash(&bytes[HEAD..]));
    bytes[MARK.len()..HEAD - 1].copy_from_slice(sum.as_bytes());
    Ok(bytes.into())
}

/// The checksum in the first line of a stored form.
pub(crate) fn checksum(bytes: &[u8]) -> Option<u32> {
    let head = bytes.get(..HEAD)?;
    let sum = head.strip_prefix(MARK.as_bytes())?.strip_suffix(b"\n")?;
    u32::from_str_radix(std::str::from_utf8(sum).ok()?, 16).ok()
}

/// Reads the stored form of [`encode`].
pub(crate) fn decode<'a, V: Deserialize<'a>>(bytes: &'a [u8]) -> Result<V, Unreadable> {
    let expected = checksum(bytes).ok_or(Unreadable::Foreign)?;
    let body = &bytes[HEAD..];
    match crc32fast::hash(body) {
        found if found == expected => Ok(serde_json::from_slice(body)?),
        found => Err(Unreadable::Checksum { found, expected }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Bytes {
        let initial = serde_json::from_str("[0]").expect("JSON");
        let (log, sequence, sum, fingerprint, types) = (1, 2, 4, 3, vec![3]);
        let (initial, state) = (Some(initial), Some([1, 2]));
        encode(&StoredState { log, sequence, sum, fingerprint, types, initial, state })
            .expect("JSON")
    }

    #[test]
    fn what_is_stored_is_read_back() {
        let stored = state();
        let read = decode::<StoredState<'_, &RawValue>>(&stored).expect("as written");
        let texts = [read.initial, read.state].map(|state| state.map(RawValue::get));
        assert_eq!(texts, [Some("[0]"), Some("[1,2]")]);
    }

    #[test]
    fn l7_each_changed_byte_is_found() {
        let bytes = state();
        for index in 0..bytes.len() {
            let mut damaged = bytes.to_vec();
            damaged[index] ^= 1;
            decode::<StoredState<'_, &RawValue>>(&damaged).expect_err("one bit is another");
            decode::<StoredState<'_, &RawValue>>(&bytes[..index]).expect_err("the end is missing");
        }
    }
}
