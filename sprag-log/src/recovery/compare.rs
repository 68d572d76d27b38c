//! [`is_same`]: whether a state is the one that a log has as JSON.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sprag_runtime::__private::discard;

use crate::guard::guarded;

/// A larger state is not compared: an opening does not wait, and takes no memory, for a warning.
const LARGEST: usize = 1 << 20;

/// Whether `state` is `stored`, as far as their JSON shows. The order of elements does not count,
/// since a set has any order. Costs the serialisation of `state`. A state that cannot be
/// serialised counts as the same, and so does any state where the stored one is large.
pub(super) fn is_same(state: &impl Serialize, stored: &RawValue) -> bool {
    let stored = stored.get();
    if stored.len() > LARGEST {
        return true;
    }
    match guarded(|| serde_json::to_string(state)) {
        Ok(Ok(own)) => own == stored || is_reordered(&own, stored),
        Ok(Err(_)) => true,
        Err(panic) => {
            discard(panic);
            true
        }
    }
}

/// Another order has the same length.
fn is_reordered(own: &str, stored: &str) -> bool {
    own.len() == stored.len() && unordered(own) == unordered(stored)
}

fn unordered(json: &str) -> Option<Value> {
    let mut value = serde_json::from_str(json).ok()?;
    sort(&mut value);
    Some(value)
}

/// Sorts the elements of all lists.
fn sort(value: &mut Value) {
    match value {
        Value::Array(elements) => {
            elements.iter_mut().for_each(sort);
            elements.sort_by_cached_key(Value::to_string);
        }
        Value::Object(members) => members.values_mut().for_each(sort),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde::Serializer;
    use serde_json::json;
    use serde_json::value::to_raw_value;

    use super::*;

    struct Panics;

    impl Serialize for Panics {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("the code of the user");
        }
    }

    #[test]
    fn l3a_states_are_the_same_if_they_differ_in_the_order_of_elements_alone() {
        let stored = to_raw_value(&json!({ "a": [[1, 2], { "b": 3 }] })).expect("JSON");
        assert!(is_same(&json!({ "a": [[1, 2], { "b": 3 }] }), &stored));
        assert!(is_same(&json!({ "a": [{ "b": 3 }, [2, 1]] }), &stored));
        for other in [json!({ "a": [[1, 2], { "b": 4 }] }), json!({ "a": [[1, 2]] }), json!(null)] {
            assert!(!is_same(&other, &stored), "{other}");
        }
    }

    #[test]
    fn l3a_a_large_state_is_not_compared() {
        let stored = |length| to_raw_value(&"x".repeat(length)).expect("JSON");
        assert!(!is_same(&"", &stored(LARGEST - 2)));
        assert!(is_same(&Panics, &stored(LARGEST - 1)) && is_same(&"", &stored(LARGEST - 1)));
    }

    #[test]
    fn l3a_a_state_that_cannot_be_serialised_is_not_another_one() {
        let stored = to_raw_value(&1).expect("JSON");
        let keys = std::collections::HashMap::from([(vec![1], 1)]);
        assert!(is_same(&keys, &stored) && is_same(&Panics, &stored));
    }
}
