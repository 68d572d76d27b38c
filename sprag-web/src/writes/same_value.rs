//! [`same`]: whether a browser's value equals the present one.

use serde_json::{Number, Value};

/// Whether `sent` equals `found`, after a round trip through a browser: an `f32` is written
/// with fewer digits than the equivalent `f64`, and `1.0` comes back as `1`.
pub(crate) fn same(sent: &Value, found: &Value) -> bool {
    match (sent, found) {
        (Value::Number(sent), Value::Number(found)) => same_number(sent, found),
        (Value::Array(sent), Value::Array(found)) => {
            sent.len() == found.len() && sent.iter().zip(found).all(|(a, b)| same(a, b))
        }
        (Value::Object(sent), Value::Object(found)) => {
            let has = |(name, value)| found.get(name).is_some_and(|found| same(value, found));
            sent.len() == found.len() && sent.iter().all(has)
        }
        _ => sent == found,
    }
}

fn same_number(sent: &Number, found: &Number) -> bool {
    if sent == found {
        return true;
    }
    // Integers above 2^53 must be identical.
    let (Some(a), Some(b)) = (sent.as_f64(), found.as_f64()) else { return false };
    let single = f64::from(b as f32);
    let exact = sent.is_f64() || found.is_f64();
    exact && (a == b || (single == b && a as f32 == b as f32))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn w4_a_value_that_came_back_from_a_browser_is_the_same() {
        let single = serde_json::to_value(0.1_f32).unwrap();
        assert!(same(&json!(0.1), &single));
        assert!(!same(&json!(0.2), &single));
        assert!(same(&json!({"a": [1, null]}), &json!({"a": [1.0, null]})));
        assert!(!same(&json!([1, 2]), &json!([1])) && !same(&json!([1]), &json!([1, 2])));
        assert!(!same(&json!([1]), &json!([2])) && same(&json!([]), &json!([])));
        assert!(!same(&json!({"a": 1}), &json!({"a": 2})));
        assert!(!same(&json!({"a": 1}), &json!({"b": 1})));
        assert!(!same(&json!("a"), &json!("b")) && !same(&json!(1), &json!("1")));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
        assert!(!same(&json!(9_007_199_254_740_992_u64), &json!(9_007_199_254_740_993_u64)));
    }
}
