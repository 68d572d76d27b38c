//! [`Changeset`]: one commit as data that leaves the process.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::cell::origin::Origins;
use crate::delta::{Held, RecordedOp};
use crate::path::{Address, Part, Shape};

/// One commit as data: where each value changed, and into what.
///
/// A changeset is serde data. As JSON it is an object with the versions before and after the
/// commit, the writer's origin if the writer gave one (a list of them where several writers
/// did), and the ops in the order in which they are applied:
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
/// The values of a changeset that came from a model are serialised when the changeset is.
/// A value that JSON cannot carry (a `u128` above 64 bits, a map whose keys are not
/// strings) is an error there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changeset {
    /// The version of the state before the commit.
    pub from: u64,
    /// The version that the commit made.
    pub to: u64,
    /// The origins that the writers gave, each a tag and a number of its own.
    #[serde(default, skip_serializing_if = "Origins::is_empty")]
    pub by: Origins,
    /// The ops of the commit, in order.
    pub ops: Vec<Op>,
    /// The expectations of an inverse's ops, which stay in the process.
    #[serde(skip)]
    pub(super) found: TakenBack,
}

/// The ops that an inverse takes back, op by op.
#[derive(Clone, Default)]
pub(super) struct TakenBack {
    pub(super) ops: Option<Arc<[RecordedOp]>>,
    /// For each op of the changeset the number of the one that it takes back.
    pub(super) taken_back: Vec<Option<usize>>,
}

impl TakenBack {
    /// Whether what the op of this number takes back is still there.
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

/// One step of a [`Changeset`]: a place and what happens there.
///
/// A place is an array of the member names and indices that lead to the value in the serde
/// form of the root; the empty array is the root itself.
///
/// | wire form | what it does |
/// |---|---|
/// | `["=", place, value]` | sets the place; a member that is not there is made |
/// | `["+", place, value, …]` | the last part is an index: inserts the values there, later elements move up |
/// | `["+", place, value]` | the last part is a name: adds the member |
/// | `["-", place]` | takes the element or member out; a member that is not there is none to take |
/// | `["-", place, [part, …]]` | takes these elements or members of the place out, all counted before the first is taken |
/// | `["~", place, first, [index, …]]` | the elements from `first` on become the elements from these indices, as many as there are indices |
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Op {
    /// Sets the place.
    Set {
        /// The place.
        place: Address,
        /// The value that the place gets.
        value: OpValue,
    },
    /// Inserts elements into a list, or adds a member.
    Insert {
        /// The place of the first new element, or the new member.
        place: Address,
        /// The new elements, or the member's one value.
        values: Vec<OpValue>,
    },
    /// Takes one element or member out.
    Remove {
        /// The element or member.
        place: Address,
    },
    /// Takes several elements or members out.
    RemoveMany {
        /// The list or map.
        place: Address,
        /// Their indices or names, in order of position.
        parts: Vec<Part>,
    },
    /// Puts elements of a list into another order.
    Order {
        /// The list.
        place: Address,
        /// The first index that may get another element.
        first: usize,
        /// For each index from `first` on, the index of its element before the op.
        from: Vec<usize>,
    },
}

impl Op {
    /// The values that the op writes.
    pub fn values(&self) -> &[OpValue] {
        match self {
            Self::Set { value, .. } => std::slice::from_ref(value),
            Self::Insert { values, .. } => values,
            Self::Remove { .. } | Self::RemoveMany { .. } | Self::Order { .. } => &[],
        }
    }

    /// Whether serde reads all values of the op back as they were written; see
    /// [`OpValue::reads_back`].
    ///
    /// # Errors
    ///
    /// Those of [`OpValue::reads_back`], for the first such value.
    pub fn reads_back(&self) -> Result<(), serde_json::Error> {
        self.values().iter().try_for_each(OpValue::reads_back)
    }
}

/// A value in a [`Changeset`]: JSON that was read, or a value of a model's that is
/// serialised where it is needed.
#[derive(Clone)]
pub struct OpValue(Form);

#[derive(Clone)]
enum Form {
    Json(Value),
    /// A value at or below a place of this shape.
    Held(Held, &'static Shape),
}

impl OpValue {
    /// The value as JSON.
    ///
    /// Serialises a value that came from a model: O(value).
    ///
    /// # Errors
    ///
    /// Serde's error for a value that JSON cannot carry.
    pub fn to_json(&self) -> Result<Value, serde_json::Error> {
        match &self.0 {
            Form::Json(value) => Ok(value.clone()),
            Form::Held(held, _) => serde_json::to_value(held),
        }
    }

    /// Whether serde reads the value back as it was written, which a log or another process
    /// does.
    ///
    /// Costs what writing, reading and comparing the value costs; nothing for JSON that was
    /// read. Parts that serde skips have no say.
    ///
    /// # Errors
    ///
    /// The error of serde for a value that it cannot write or read; or that the value read is
    /// another one, as for a NaN and for `Some(None)`, which are `null`.
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

/// By their JSON; values that JSON cannot carry equal nothing.
impl PartialEq for OpValue {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.to_json(), other.to_json()), (Ok(a), Ok(b)) if a == b)
    }
}
