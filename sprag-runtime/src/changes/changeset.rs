//! [`Changeset`]: one commit as data that leaves the process.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::cell::origin::Origins;
use crate::delta::{Held, RecordedOp};
use crate::path::{Address, AnyKey, Members, Part, Shape};

/// One commit as data: which values changed, and their new values.
///
/// A changeset is serde data. As JSON it is an object with the versions before and after
/// the commit, the writer's origin if it has one (a list if several writers have one), and
/// the ops in the order in which they are applied:
///
/// ```json
/// {"from": 6, "to": 7, "by": ["tab-3", 12], "ops": [
///     ["=", ["playback", "position"], 90],
///     ["+", ["queue", 2], {"title": "Alien"}],
///     ["-", ["users", "7"]]
/// ]}
/// ```
///
/// The ops, applied one after another to the JSON of the state at `from`, give the JSON of
/// the state at `to`; [`Op`] says how each is applied.
///
/// The values of a changeset that comes from a model are serialised together with the
/// changeset. A value that JSON cannot represent (a `u128` above 64 bits, a map whose keys
/// are not strings) is an error then.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Changeset {
    /// The version of the state before the commit.
    pub from: u64,
    /// The version that the commit made.
    pub to: u64,
    /// The origins of the writers, each a tag and a number.
    #[serde(skip_serializing_if = "Origins::is_empty")]
    pub by: Origins,
    /// The ops of the commit, in order.
    pub ops: Vec<Op>,
    /// The values that an inverse's ops expect, which stay in the process.
    #[serde(skip)]
    pub(super) found: TakenBack,
}

/// The ops that an inverse reverts, op by op.
#[derive(Clone, Default)]
pub(super) struct TakenBack {
    pub(super) ops: Option<Arc<[RecordedOp]>>,
    /// For each op of the changeset, the number of the op that it reverts.
    pub(super) taken_back: Vec<Option<usize>>,
}

impl TakenBack {
    /// Whether the result of the op that this number reverts is still in place.
    pub(super) fn is_there(&self, op: usize, state: &dyn Any) -> bool {
        let taken_back = self.taken_back.get(op).copied().flatten();
        let taken_back = taken_back.zip(self.ops.as_ref()).and_then(|(op, ops)| ops.get(op));
        taken_back.is_none_or(|op| op.is_there(state))
    }
}

impl fmt::Debug for TakenBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Found").field(&self.taken_back).finish()
    }
}

/// Changesets with the same ops are equal.
impl PartialEq for TakenBack {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Changeset {
    /// A changeset without an origin.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Tv { url: Option<String>, position: u64 }
    /// use sprag::path::Address;
    /// use sprag::state::{Changeset, Op};
    ///
    /// let tv = create_model("tv", Tv::default());
    /// let place = Address::from_iter(["position".into()]);
    /// let set = Changeset::new(0, 1, vec![Op::Set { place, value: serde_json::Value::from(7).into() }]);
    /// tv.apply_at(&set)?;
    /// assert_eq!(tv.get(Tv::PATHS.position), 7);
    /// # Ok::<(), sprag::error::ApplyError>(())
    /// ```
    pub fn new(from: u64, to: u64, ops: Vec<Op>) -> Self {
        Self { from, to, by: Origins::default(), ops, found: TakenBack::default() }
    }
}

/// One step of a [`Changeset`]: a place and the change there.
///
/// A place is an array of the member names and indices that lead to the value in the serde
/// form of the root; the empty array is the root itself.
///
/// | wire form | effect |
/// |---|---|
/// | `["=", place, value]` | sets the place; a missing member is created |
/// | `["+", place, value, …]` | the last part is an index: inserts the values there, later elements move up |
/// | `["+", place, value]` | the last part is a name: adds the member |
/// | `["+", [set…, [member]]]` | the last part is an array: adds the member to the array of the set, if it is not there |
/// | `["+", [set…, [member]], [next]]` | the same, before the member `next` if that is there |
/// | `["-", [set…, [member]]]` | removes the member from the array of the set, if it is there |
/// | `["-", place]` | removes the element or member, if it exists |
/// | `["-", place, [part, …]]` | removes these elements or members of the place; all positions are counted before the first removal |
/// | `["~", place, first, [index, …]]` | reorders the elements from `first` on: each listed index is the old index of the next element |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Op {
    /// Sets the place.
    Set {
        /// The place.
        place: Address,
        /// The new value of the place.
        value: OpValue,
    },
    /// Inserts elements into a list, or adds a member.
    Insert {
        /// The place of the first new element, or the new member.
        place: Address,
        /// The new elements, or the member's one value.
        values: Vec<OpValue>,
    },
    /// Removes one element or member.
    Remove {
        /// The element or member.
        place: Address,
    },
    /// Removes several elements or members.
    RemoveMany {
        /// The list or map.
        place: Address,
        /// Their indices or names, in order of position.
        parts: Vec<Part>,
    },
    /// Adds a member to a set; has no effect on a set that has the member.
    AddMember {
        /// The set.
        place: Address,
        /// The member.
        member: OpValue,
        /// In a set with an order: the member before which the new one goes; the end
        /// without one, and if it is not in the set.
        next: Option<OpValue>,
    },
    /// Removes a member from a set; has no effect on a set that lacks the member.
    RemoveMember {
        /// The set.
        place: Address,
        /// The member.
        member: OpValue,
    },
    /// Reorders elements of a list.
    Order {
        /// The list.
        place: Address,
        /// The first index whose element may change.
        first: usize,
        /// For each index from `first` on, the old index of its element.
        from: Vec<usize>,
    },
}

impl Op {
    /// The values that the op writes, or the member of a set that it adds or removes.
    pub fn values(&self) -> &[OpValue] {
        match self {
            Self::Set { value, .. } => std::slice::from_ref(value),
            Self::Insert { values, .. } => values,
            Self::AddMember { member, .. } | Self::RemoveMember { member, .. } => {
                std::slice::from_ref(member)
            }
            Self::Remove { .. } | Self::RemoveMany { .. } | Self::Order { .. } => &[],
        }
    }

    /// Checks that serde reads all values of the op back as they were written; see
    /// [`OpValue::reads_back`].
    ///
    /// # Errors
    ///
    /// The error of [`OpValue::reads_back`], for the first such value.
    pub fn reads_back(&self) -> Result<(), serde_json::Error> {
        self.values().iter().try_for_each(OpValue::reads_back)
    }
}

/// A value in a [`Changeset`]: JSON that was read, or a value of a model, which is
/// serialised on demand.
#[derive(Clone)]
pub struct OpValue(Form);

#[derive(Clone)]
enum Form {
    Json(Value),
    /// A value at or below a place of this shape.
    Held(Held, &'static Shape),
}

impl OpValue {
    /// Returns the value as JSON.
    ///
    /// Serialises a value of a model: O(value).
    ///
    /// # Errors
    ///
    /// Serde's error for a value that JSON cannot represent.
    pub fn to_json(&self) -> Result<Value, serde_json::Error> {
        match &self.0 {
            Form::Json(value) => Ok(value.clone()),
            Form::Held(held, _) => serde_json::to_value(held),
        }
    }

    /// Checks that serde reads the value back as it was written, as a log or another
    /// process would do.
    ///
    /// The cost is that of writing, reading and comparing the value; for JSON that was read
    /// it is zero. Parts that serde skips are ignored.
    ///
    /// # Errors
    ///
    /// The error of serde for a value that it cannot write or read, or an error if the
    /// value is read back as another one, such as NaN and `Some(None)`, which are written
    /// as `null`.
    ///
    /// ```
    /// # use sprag::prelude::*;
    /// # #[derive(Model, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
    /// # struct Tv { volume: f64 }
    /// # let tv = create_model("tv", Tv::default());
    /// # pollster::block_on(async {
    /// # use futures_util::StreamExt;
    /// use sprag::state::Op;
    ///
    /// let mut changes = tv.changes();
    /// tv.set(Tv::PATHS.volume, f64::NAN); // JSON has no NaN: `null`
    /// let commit = changes.next().await.expect("the model lives")?;
    /// let [Op::Set { value, .. }] = &commit.changeset().ops[..] else { panic!("one place") };
    /// assert!(value.reads_back().is_err());
    /// # Ok::<(), sprag::error::Lagged>(())
    /// # }).unwrap();
    /// ```
    pub fn reads_back(&self) -> Result<(), serde_json::Error> {
        match &self.0 {
            Form::Json(_) => Ok(()),
            Form::Held(held, shape) => held.reads_back(shape),
        }
    }

    pub(super) fn held(held: Held, shape: &'static Shape) -> Self {
        Self(Form::Held(held, shape))
    }

    /// A member of a set.
    pub(super) fn member(members: Members, member: &AnyKey) -> Self {
        let member = Held::new(Arc::clone(member), (members.abilities)());
        Self::held(member, (members.shape)())
    }

    pub(super) fn serialize_with<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Form::Json(value) => value.serialize(serializer),
            Form::Held(held, _) => held.serialize(serializer),
        }
    }
}

impl From<Value> for OpValue {
    fn from(value: Value) -> Self {
        Self(Form::Json(value))
    }
}

impl fmt::Debug for OpValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_json() {
            Ok(value) => value.fmt(f),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

/// Compared by their JSON; a value that JSON cannot represent equals no value.
impl PartialEq for OpValue {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.to_json(), other.to_json()), (Ok(a), Ok(b)) if a == b)
    }
}
