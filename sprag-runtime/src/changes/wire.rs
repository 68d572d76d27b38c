//! The wire form of ops: arrays that begin with a sign, so that a changeset is short and
//! can be interpreted without names.

use std::fmt;

use serde::de::{Error as _, SeqAccess, Visitor};
use serde::ser::SerializeSeq;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::changeset::{Changeset, Op, OpValue};
use crate::cell::origin::{Origin, Origins};
use crate::error::cut;
use crate::path::{Address, Part};

impl Serialize for Op {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Set { place, value } => ("=", place, value).serialize(serializer),
            Self::Insert { place, values } => {
                let mut seq = serializer.serialize_seq(Some(values.len() + 2))?;
                seq.serialize_element("+")?;
                seq.serialize_element(place)?;
                values.iter().try_for_each(|value| seq.serialize_element(value))?;
                seq.end()
            }
            Self::AddMember { place, member, next: None } => {
                ("+", MemberPlace(place, member)).serialize(serializer)
            }
            Self::AddMember { place, member, next: Some(next) } => {
                ("+", MemberPlace(place, member), [next]).serialize(serializer)
            }
            Self::RemoveMember { place, member } => {
                ("-", MemberPlace(place, member)).serialize(serializer)
            }
            Self::Remove { place } => ("-", place).serialize(serializer),
            Self::RemoveMany { place, parts } => ("-", place, parts).serialize(serializer),
            Self::Order { place, first, from } => ("~", place, first, from).serialize(serializer),
        }
    }
}

/// The place of a member of a set, as an [`Address`] is written.
struct MemberPlace<'a>(&'a Address, &'a OpValue);

impl Serialize for MemberPlace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(set, member) = self;
        let mut parts = serializer.serialize_seq(Some(set.parts().len() + 1))?;
        set.parts().iter().try_for_each(|part| parts.serialize_element(part))?;
        parts.serialize_element(&[member])?;
        parts.end()
    }
}

/// The set and the member, if `place` is that of a member.
fn of_member(place: &Address) -> Option<(Address, OpValue)> {
    let (Part::Member(member), set) = place.parts().split_last()? else { return None };
    Some((set.iter().cloned().collect(), member.clone().into()))
}

/// The members of a changeset.
#[derive(Deserialize)]
#[serde(rename = "Changeset")]
struct ChangesetMembers {
    from: u64,
    to: u64,
    #[serde(default)]
    by: Origins,
    ops: Vec<Op>,
}

/// The error is bounded, although serde's own errors repeat whole texts of the input.
impl<'de> Deserialize<'de> for Changeset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = ChangesetMembers::deserialize(deserializer).map_err(bounded)?;
        let ChangesetMembers { from, to, by, ops } = read;
        Ok(Self { by, ..Self::new(from, to, ops) })
    }
}

/// The error, cut if it is long; a short error keeps its kind.
fn bounded<E: serde::de::Error>(error: E) -> E {
    let text = error.to_string();
    if text.len() > LONGEST_ERROR { E::custom(cut(&text)) } else { error }
}

/// The length from which an error is cut, in bytes.
const LONGEST_ERROR: usize = 400;

impl<'de> Deserialize<'de> for Op {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(OpVisitor)
    }
}

struct OpVisitor;

impl<'de> Visitor<'de> for OpVisitor {
    type Value = Op;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an op: an array of a sign (`=`, `+`, `-` or `~`), a place and the arguments of the sign")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Op, A::Error> {
        let sign: String = required(&mut seq, 0)?;
        let place: Address = required(&mut seq, 1)?;
        let op = match (sign.as_str(), of_member(&place)) {
            ("+", Some((place, member))) => {
                let next = seq.next_element::<[OpValue; 1]>()?.map(|[next]| next);
                Op::AddMember { place, member, next }
            }
            ("-", Some((place, member))) => Op::RemoveMember { place, member },
            (sign, _) => plain(sign, place, &mut seq)?,
        };
        match seq.next_element::<serde::de::IgnoredAny>()? {
            Some(_) => Err(A::Error::custom(format!("an op with `{sign}` has too many parts"))),
            None => Ok(op),
        }
    }
}

/// The op at a place that is not a set's member.
fn plain<'de, A: SeqAccess<'de>>(sign: &str, place: Address, seq: &mut A) -> Result<Op, A::Error> {
    Ok(match sign {
        "=" => Op::Set { place, value: required(seq, 2)? },
        "+" => {
            let mut values = vec![required(seq, 2)?];
            while let Some(value) = seq.next_element()? {
                values.push(value);
            }
            Op::Insert { place, values }
        }
        "-" => match seq.next_element()? {
            Some(parts) => Op::RemoveMany { place, parts },
            None => Op::Remove { place },
        },
        "~" => Op::Order { place, first: required(seq, 2)?, from: required(seq, 3)? },
        other => return Err(A::Error::custom(unknown_sign(other))),
    })
}

fn required<'de, A: SeqAccess<'de>, V: Deserialize<'de>>(
    seq: &mut A,
    index: usize,
) -> Result<V, A::Error> {
    seq.next_element()?.ok_or_else(|| A::Error::invalid_length(index, &OpVisitor))
}

/// The shown text is bounded, since the sign may come from a stranger.
fn unknown_sign(sign: &str) -> String {
    let shown = cut(&sign.chars().take(8).collect::<String>());
    format!("`{shown}` is not an op; ops begin with `=`, `+`, `-` or `~`")
}

impl Serialize for OpValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_with(serializer)
    }
}

impl<'de> Deserialize<'de> for OpValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.tag(), self.number()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (tag, number) = <(String, u64)>::deserialize(deserializer)?;
        Ok(Self::new(tag, number))
    }
}

impl Serialize for Origins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &**self {
            [] => serializer.serialize_none(),
            [only] => only.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

/// [`Origins`] as data.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    One(Origin),
    Several(Vec<Origin>),
}

impl<'de> Deserialize<'de> for Origins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<Named>::deserialize(deserializer)? {
            None => Self::default(),
            Some(Named::One(only)) => Self::from_iter([only]),
            Some(Named::Several(several)) => Self::from_iter(several),
        })
    }
}
