//! How deep the JSON of a state may be nested.

use serde_json::Value;

/// As deep as `serde_json` reads. A type that holds itself could be made deeper with each
/// write, until nothing reads the state back, or a thread's stack ends in the middle of a
/// `Serialize`.
pub(crate) const DEEPEST: usize = 127;

/// Whether `value` is nested at most `depth` deep.
pub(crate) fn is_within(value: &Value, depth: usize) -> bool {
    match (value, depth.checked_sub(1)) {
        (Value::Array(items), Some(depth)) => items.iter().all(|item| is_within(item, depth)),
        (Value::Object(members), Some(depth)) => {
            members.values().all(|member| is_within(member, depth))
        }
        (Value::Array(_) | Value::Object(_), None) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_str, json};

    use super::{DEEPEST, is_within};

    #[test]
    fn the_deepest_value_is_the_deepest_that_serde_json_reads() {
        let wraps: [fn(Value) -> Value; 2] =
            [|inner| json!([0, inner]), |inner| json!({ "a": inner })];
        for wrap in wraps {
            let deepest = (0..DEEPEST).fold(json!(1), |inner, _| wrap(inner));
            assert!(is_within(&deepest, DEEPEST) && !is_within(&deepest, DEEPEST - 1));
            assert_eq!(from_str::<Value>(&deepest.to_string()).unwrap(), deepest);
            let deeper = wrap(deepest);
            assert!(!is_within(&deeper, DEEPEST));
            from_str::<Value>(&deeper.to_string()).unwrap_err();
        }
        assert!(is_within(&json!("a"), 0) && !is_within(&json!([]), 0));
    }
}
