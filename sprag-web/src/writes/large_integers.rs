//! [`places_of_large`]: integers that a browser cannot have read exactly.
//!
//! JavaScript's numbers are exact up to 2^53. A page that read a larger integer and writes the
//! value back would write another one. A float of that size is exact, and JavaScript writes it
//! with the digits of an integer; only the state after the write knows which of them it is.

use serde_json::Value;
use sprag_runtime::Op;
use sprag_runtime::path::Address;

/// The largest integer up to which a browser distinguishes all.
const EXACT: u64 = 1 << 53;

/// The places that `ops` write, if the values in `sent`, the ops as JSON, have a large integer.
pub(crate) fn places_of_large(sent: &Value, ops: &[Op]) -> Vec<Address> {
    let values = sent.as_array().into_iter().flatten().filter_map(Value::as_array);
    if !values.flat_map(|op| op.iter().skip(2)).any(has_large) {
        return Vec::new();
    }
    ops.iter().filter_map(written).collect()
}

/// Whether `value` is or contains an integer that browsers do not distinguish from others.
pub(crate) fn has_large(value: &Value) -> bool {
    match value {
        Value::Number(number) => {
            number.as_u64().is_some_and(|number| number > EXACT)
                || number.as_i64().is_some_and(|number| number.unsigned_abs() > EXACT)
        }
        Value::Array(values) => values.iter().any(has_large),
        Value::Object(members) => members.values().any(has_large),
        _ => false,
    }
}

/// The place whose value has what the op writes.
fn written(op: &Op) -> Option<Address> {
    match op {
        Op::Set { place, .. } | Op::AddMember { place, .. } => Some(place.clone()),
        Op::Insert { place, .. } => {
            let parts = place.parts();
            Some(parts[..parts.len().saturating_sub(1)].iter().cloned().collect())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn w1_an_integer_above_2_to_the_53_is_large_and_a_float_is_not() {
        for large in
            [json!(9_007_199_254_740_993_u64), json!([{ "a": -9_007_199_254_740_994_i64 }])]
        {
            assert!(has_large(&large), "{large}");
        }
        for exact in [json!(9_007_199_254_740_992_u64), json!(1e300), json!({ "a": ["x", null] })] {
            assert!(!has_large(&exact), "{exact}");
        }
    }
}
