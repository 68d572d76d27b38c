//! [`Writing`]: makes one user's writes.

use std::sync::Arc;

use serde_json::{Value, json};
use sprag_runtime::error::{ApplyError, ApplyIfError};
use sprag_runtime::path::{Address, Right, Schema, State};
use sprag_runtime::{Changeset, Model, Op, ToJsonState, value_at};

use crate::answer::Answer;
use crate::hiding::{at, pruned};
use crate::policy::{Check, Policy, Write};
use crate::rights::permitted;
use crate::same::same;
use crate::sent::{Condition, Sent};

/// The most ops of one write.
const OPS: usize = 1_000;

/// Makes one user's writes, whatever the store's type.
pub(crate) trait Writes: Send + Sync {
    /// Makes a write of the page `tag`, or refuses it.
    fn write(&self, sent: &Sent, tag: &str) -> Answer;
}

/// The user of a request, as a writer of a store.
pub(crate) struct Writing<T: 'static> {
    pub(crate) model: Model<T>,
    pub(crate) policy: Arc<Policy<T>>,
    pub(crate) check: Option<Check<T>>,
}

/// Why a write is not made: the kind, and the reason for a person.
pub(crate) type Refusal = (&'static str, String);

impl<T: State + ToJsonState + Clone + Send + Sync> Writes for Writing<T> {
    fn write(&self, sent: &Sent, tag: &str) -> Answer {
        match self.attempt(sent, tag) {
            Ok(version) => Answer::made(sent.n, version),
            Err((err, why)) => Answer::refused(sent.n, err, why, self.model.version()),
        }
    }
}

impl<T: State + ToJsonState + Clone + Send + Sync> Writing<T> {
    fn attempt(&self, sent: &Sent, tag: &str) -> Result<u64, Refusal> {
        let mut set = changeset(sent, tag)?;
        set.ops = permitted(Schema::of::<T>(), set.ops)?;
        self.authorize(&set)?;
        let now = |state: &T| conditions(state, &sent.conditions);
        let next = |state: &T| self.policy.validated(state).map_err(|why| ("invalid", why));
        self.model.apply_if(&set, now, next).map_err(|error| match error {
            ApplyIfError::Refused(refused) => refused,
            ApplyIfError::Apply(error) => unfit(&error),
            _ => ("place", String::new()),
        })
    }

    fn authorize(&self, set: &Changeset) -> Result<(), Refusal> {
        let Some(check) = &self.check else { return Ok(()) };
        let places = set.ops.iter().flat_map(places).collect();
        check(&Write::new(places)).map_err(|_| ("denied", "you may not write there".to_owned()))
    }
}

/// The ops of a write as a changeset.
fn changeset(sent: &Sent, tag: &str) -> Result<Changeset, Refusal> {
    let ops = sent.ops.as_array().map_or(0, Vec::len);
    if ops == 0 || ops > OPS {
        return Err(("type", format!("a write has 1 to {OPS} ops")));
    }
    let set = json!({ "from": 0, "to": 0, "by": [tag, sent.n], "ops": &sent.ops });
    serde_json::from_value(set).map_err(|_| ("type", "an op is not one of a changeset".to_owned()))
}

/// The places that an op changes.
fn places(op: &Op) -> Vec<Address> {
    match op {
        Op::Set { place, .. } | Op::Insert { place, .. } | Op::Remove { place } => {
            vec![place.clone()]
        }
        Op::RemoveMany { place, parts } => {
            let below = |part: &sprag_runtime::path::Part| {
                let mut below = place.clone();
                below.push(part.clone());
                below
            };
            parts.iter().map(below).collect()
        }
        Op::Order { place, .. } => vec![place.clone()],
        _ => vec![Address::default()],
    }
}

/// Whether the places hold what the write's page saw there.
fn conditions<T: State + ToJsonState>(state: &T, conditions: &[Condition]) -> Result<(), Refusal> {
    let hold =
        conditions.iter().all(|condition| match (condition, shown(state, condition.place())) {
            (Condition::Holds((_, expected)), Some(found)) => same(expected, &found),
            (Condition::Absent(_), found) => found.is_none(),
            (Condition::Holds(_), None) => false,
        });
    if hold { Ok(()) } else { Err(("conflict", "another write was faster".to_owned())) }
}

/// The value at a place, as browsers see it.
fn shown<T: State + ToJsonState>(state: &T, place: &Address) -> Option<Value> {
    let schema = Schema::of::<T>();
    let found = || value_at(state, place).ok();
    if !schema.hides() {
        return found();
    }
    let schemas = at(schema, place);
    if schemas.iter().any(|schema| schema.right() == Right::Never) {
        return None;
    }
    let json = schemas.iter().try_fold(found()?.to_string(), |json, schema| pruned(*schema, &json));
    serde_json::from_str(&json.ok()?).ok()
}

/// What a browser is told of an op that does not fit.
///
/// The texts of the runtime's errors name what there is instead, which the browser may not
/// see.
fn unfit(error: &ApplyError) -> Refusal {
    match error {
        ApplyError::Place { op, source } if source.is_read_only() => {
            ("readonly", format!("the place of op {op} is read-only"))
        }
        ApplyError::Place { op, source } if source.is_misfit() => {
            ("type", format!("the value of op {op} does not fit"))
        }
        ApplyError::Value { op, .. } => ("type", format!("the value of op {op} does not fit")),
        ApplyError::Place { op, .. } | ApplyError::Conflict { op, .. } => {
            ("place", format!("op {op} does not fit the state"))
        }
        _ => ("place", "the write does not fit the state".to_owned()),
    }
}
