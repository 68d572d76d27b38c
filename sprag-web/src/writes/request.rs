//! [`WriteRequest`]: makes one user's writes.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sprag_runtime::error::ApplyError;
use sprag_runtime::path::{Address, Right, Schema, State};
use sprag_runtime::{Changeset, Op, ToJsonState, value_at};

use crate::backing::{Backing, BackingError};
use crate::live::hiding::{at, pruned};
use crate::policy::{Check, Policy, Write};
use crate::writes::answer::{Answer, WriteRefusal};
use crate::writes::conditions::hold;
use crate::writes::large_integers::{has_large, places_of_large};
use crate::writes::page_writes::Sent;
use crate::writes::rights::permitted;

/// The maximal number of ops, and of conditions, in one write.
const OPS: usize = 1_000;

/// Makes one user's writes, independent of the store's type.
pub(crate) trait Writes: Send + Sync {
    /// Makes or refuses a write of the page `tag`.
    fn write<'a>(&'a self, sent: Sent, tag: &'a str) -> BoxFuture<'a, Result<Answer, Unmade>>;
}

/// The write was neither made nor refused, and its number remains unused.
#[derive(Debug)]
pub(crate) struct Unmade;

/// The user of a request, as a writer of a store.
pub(crate) struct WriteRequest<T: 'static, B> {
    pub(crate) name: Arc<str>,
    pub(crate) backing: Arc<B>,
    pub(crate) policy: Arc<Policy<T>>,
    pub(crate) check: Option<Check<T>>,
}

impl<T, B> Writes for WriteRequest<T, B>
where
    T: State + ToJsonState + Clone + Send + Sync,
    B: Backing<T>,
{
    fn write<'a>(&'a self, sent: Sent, tag: &'a str) -> BoxFuture<'a, Result<Answer, Unmade>> {
        let n = sent.n;
        Box::pin(async move {
            match self.attempt(sent, tag).await {
                Ok(version) => Ok(Answer::made(n, version)),
                Err(error) => self.answer(n, error),
            }
        })
    }
}

impl<T, B> WriteRequest<T, B>
where
    T: State + ToJsonState + Clone + Send + Sync,
    B: Backing<T>,
{
    async fn attempt(&self, sent: Sent, tag: &str) -> Result<u64, BackingError<WriteRefusal>> {
        let set = self.permitted(&sent, tag).map_err(BackingError::Refused)?;
        let large = places_of_large(&sent.ops, &set.ops);
        let (conditions, policy) = (sent.conditions, Arc::clone(&self.policy));
        let now = move |state: &T| hold(state, &conditions);
        let next = move |state: &T| {
            exact(state, &large)?;
            policy.validated(state).map_err(|why| ("invalid", why))
        };
        self.backing.apply_if(set, now, next).await
    }

    /// The write as a changeset, if its user may make it.
    fn permitted(&self, sent: &Sent, tag: &str) -> Result<Changeset, WriteRefusal> {
        let mut set = changeset(sent, tag)?;
        set.ops = permitted(Schema::of::<T>(), set.ops)?;
        self.authorize(&set)?;
        Ok(set)
    }

    /// The reply to the write with the number `n`, which failed.
    fn answer(&self, n: u64, error: BackingError<WriteRefusal>) -> Result<Answer, Unmade> {
        let (err, why) = match error {
            BackingError::Refused(refused) => refused,
            BackingError::Apply(error) => unfit::<T>(&error),
            BackingError::Invalid(why) => ("invalid", why),
            BackingError::Unavailable(reason) => {
                tracing::warn!(store = &*self.name, reason, "a write was not made");
                return Err(Unmade);
            }
            BackingError::Unknown(reason) => {
                tracing::warn!(store = &*self.name, reason, "a write may have been made");
                return Ok(Answer::forgotten(n));
            }
        };
        Ok(Answer::refused(n, err, why, self.backing.view().version()))
    }

    fn authorize(&self, set: &Changeset) -> Result<(), WriteRefusal> {
        let Some(check) = &self.check else { return Ok(()) };
        let places = set.ops.iter().flat_map(places).collect();
        check(&Write::new(places)).map_err(|_| ("denied", "you may not write there".to_owned()))
    }
}

/// The ops of a write as a changeset.
fn changeset(sent: &Sent, tag: &str) -> Result<Changeset, WriteRefusal> {
    let ops = sent.ops.as_array().map_or(0, Vec::len);
    if ops == 0 || ops > OPS {
        return Err(("type", format!("a write has 1 to {OPS} ops")));
    }
    // Conditions are checked under the state's lock.
    if sent.conditions.len() > OPS {
        return Err(("type", format!("a write has at most {OPS} conditions")));
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
        Op::AddMember { place, member, .. } | Op::RemoveMember { place, member } => {
            let mut below = place.clone();
            below.push(sprag_runtime::path::Part::Member(member.to_json().unwrap_or_default()));
            vec![below]
        }
        Op::Order { place, .. } => vec![place.clone()],
        _ => vec![Address::default()],
    }
}

/// Checks that the values at `places` are exact in browsers.
fn exact<T: State + ToJsonState>(state: &T, places: &[Address]) -> Result<(), WriteRefusal> {
    match places.iter().find(|place| shown(state, place).as_ref().is_some_and(has_large)) {
        Some(place) => Err((
            "type",
            format!("`{place}` has an integer above 2^53, which browsers round; send a text"),
        )),
        None => Ok(()),
    }
}

/// The value at a place, in the form that browsers see.
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

/// The refusal for a browser of an op that does not match.
///
/// The runtime's errors list the existing places, and serde's the existing members, which the
/// browser may not be allowed to see.
fn unfit<T: State>(error: &ApplyError) -> WriteRefusal {
    match error {
        ApplyError::Place { op, source } if source.is_read_only() => {
            ("readonly", format!("the place of op {op} is read-only"))
        }
        ApplyError::Place { op, source } if source.is_misfit() => {
            ("type", format!("the value of op {op} does not fit"))
        }
        ApplyError::Value { place, source, .. } if !Schema::of::<T>().hides() => {
            ("type", format!("the value does not fit `{place}`: {source}"))
        }
        ApplyError::Value { place, .. } => ("type", format!("the value does not fit `{place}`")),
        ApplyError::Place { op, .. } | ApplyError::Conflict { op, .. } => {
            ("place", format!("op {op} does not fit the state"))
        }
        _ => ("place", "the write does not fit the state".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use sprag_runtime::create_model;

    use super::*;
    use crate::writes::page_writes::Condition;

    fn places_of(op: Value) -> Vec<String> {
        let op: Op = serde_json::from_value(op).expect("an op");
        places(&op).iter().map(|place| serde_json::to_string(place).expect("JSON")).collect()
    }

    #[test]
    fn w8_the_places_of_an_op_are_those_that_it_changes() {
        assert_eq!(places_of(json!(["=", ["a", "b"], 1])), [r#"["a","b"]"#]);
        assert_eq!(places_of(json!(["+", ["list", 1], 4])), [r#"["list",1]"#]);
        assert_eq!(places_of(json!(["-", ["list", 1]])), [r#"["list",1]"#]);
        assert_eq!(
            places_of(json!(["-", ["map"], ["a", "b"]])),
            [r#"["map","a"]"#, r#"["map","b"]"#]
        );
        assert_eq!(places_of(json!(["+", ["set", [4]]])), [r#"["set",[4]]"#]);
        assert_eq!(places_of(json!(["-", ["set", [4]]])), [r#"["set",[4]]"#]);
        assert_eq!(places_of(json!(["~", ["list"], 0, [1, 0]])), [r#"["list"]"#]);
    }

    #[test]
    fn w8_a_write_has_a_bounded_number_of_ops_and_conditions() {
        let made = |ops: usize, conditions: usize| {
            let absent = || Condition::Absent((Address::default(),));
            let sent = Sent {
                n: 3,
                again: false,
                ops: vec![json!(["=", [], 1]); ops].into(),
                conditions: (0..conditions).map(|_| absent()).collect(),
            };
            changeset(&sent, "page").map(|set| set.ops.len()).map_err(|(kind, _)| kind)
        };
        assert_eq!([made(1, 0), made(OPS, OPS)], [Ok(1), Ok(OPS)]);
        assert_eq!([made(0, 0), made(OPS + 1, 0), made(1, OPS + 1)], [Err("type"); 3]);
    }

    #[test]
    fn w5_a_refusal_names_what_the_browser_may_know() {
        use std::collections::BTreeMap;

        let model = create_model("map", BTreeMap::from([("a".to_owned(), 1_u64)]));
        let refused = |op: Value| {
            let set = serde_json::from_value(json!({ "from": 0, "to": 0, "ops": [op] }));
            let error = model.apply(&set.expect("a changeset")).expect_err("it does not fit");
            unfit::<BTreeMap<String, u64>>(&error)
        };
        let (kind, why) = refused(json!(["=", ["a"], "text"]));
        assert!(kind == "type" && why.contains("expected u64"), "{kind}: {why}");
        assert_eq!(refused(json!(["+", ["a"], 1])).0, "place");
        assert_eq!(refused(json!(["-", ["b"]])).0, "place");
        let (kind, why) = refused(json!(["=", ["a", "b"], 1]));
        assert!(kind == "place" || kind == "type", "{kind}: {why}");
    }
}
