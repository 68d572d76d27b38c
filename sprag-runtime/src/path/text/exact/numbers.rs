//! Whether a value has the numbers that were given, in their order or in the one of its type.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::{CheckedPart, ValueProblem};
use crate::path::text::address::{Address, Part};

/// Like [`in_place`], for a set: it has an order of its own, so the numbers may have moved.
pub(super) fn lossless_set(
    given: &Value,
    written: &Value,
    at: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    in_place(given, written, at)
        .or_else(|problem| if has_moved(given, written) { Ok(()) } else { Err(problem) })
}

/// Like [`in_place`], for a value without known parts: its type may have an order of its own,
/// so lists with another order are noted.
pub(super) fn lossless(
    given: &Value,
    written: &Value,
    at: &CheckedPart<'_>,
) -> Result<(), ValueProblem> {
    in_place(given, written, at)
        .or_else(|problem| if is_reordered(given, written, at) { Ok(()) } else { Err(problem) })
}

/// Whether the two differ in the order of lists alone, which are noted.
fn is_reordered(given: &Value, written: &Value, at: &CheckedPart<'_>) -> bool {
    if in_place(given, written, at).is_ok() {
        return true;
    }
    match (given, written) {
        // Their lengths are equal, since others are in place.
        (Value::Array(given), Value::Array(written)) => {
            let mut pairs = sorted(given).into_iter().zip(sorted(written));
            if pairs.all(|((_, given), (_, written))| in_place(given, written, at).is_ok()) {
                at.note_moved();
                return true;
            }
            let mut pairs = given.iter().zip(written).enumerate();
            pairs.all(|(index, (given, written))| {
                is_reordered(given, written, &CheckedPart::Element(at, index))
            })
        }
        (Value::Object(given), Value::Object(written)) => given.iter().all(|(name, given)| {
            let written = written.get(name);
            written.is_none_or(|w| is_reordered(given, w, &CheckedPart::Member(at, name)))
        }),
        _ => false,
    }
}

/// Whether each number is the same number, or the nearest one of its type, and nothing has
/// become `null`.
fn in_place(given: &Value, written: &Value, at: &CheckedPart<'_>) -> Result<(), ValueProblem> {
    let is_kept = match (given, written) {
        (Value::Number(given), Value::Number(written)) => is_near(given, written),
        (Value::Number(_), Value::Null) => false,
        (Value::Array(given), Value::Array(written)) if given.len() == written.len() => {
            let mut pairs = given.iter().zip(written).enumerate();
            return pairs.try_for_each(|(index, (given, written))| {
                in_place(given, written, &CheckedPart::Element(at, index))
            });
        }
        (Value::Object(given), Value::Object(written)) => {
            return given.iter().try_for_each(|(name, given)| match written.get(name) {
                Some(written) => in_place(given, written, &CheckedPart::Member(at, name)),
                None => Ok(()),
            });
        }
        _ => true,
    };
    if is_kept { Ok(()) } else { Err(ValueProblem::Lossy { at: at.shown() }) }
}

/// Whether both have the same numbers in some order.
fn has_moved(given: &Value, written: &Value) -> bool {
    let (mut of_given, mut of_written) = (Vec::new(), Vec::new());
    numbers(given, &mut of_given);
    numbers(written, &mut of_written);
    of_given.sort_by(|a, b| order(a, b));
    of_written.sort_by(|a, b| order(a, b));
    let mut pairs = of_given.iter().zip(&of_written);
    of_given.len() == of_written.len() && pairs.all(|(given, written)| is_near(given, written))
}

fn numbers<'a>(value: &'a Value, found: &mut Vec<&'a Number>) {
    match value {
        Value::Number(number) => found.push(number),
        Value::Array(items) => items.iter().for_each(|item| numbers(item, found)),
        Value::Object(members) => members.values().for_each(|member| numbers(member, found)),
        _ => {}
    }
}

/// By value; integers that are the same fraction, by their digits.
fn order(a: &Number, b: &Number) -> Ordering {
    let value = |number: &Number| number.as_f64().unwrap_or(f64::NAN);
    value(a).total_cmp(&value(b)).then_with(|| a.to_string().cmp(&b.to_string()))
}

/// An integer is exact; a fraction may be rounded to the place's precision.
fn is_near(given: &Number, written: &Number) -> bool {
    if given == written {
        return true;
    }
    let (Some(a), Some(b)) = (given.as_f64(), written.as_f64()) else { return false };
    let is_integer = given.is_i64() || given.is_u64();
    #[allow(clippy::cast_possible_truncation, reason = "both are rounded to one precision")]
    let is_rounded = || !is_integer && (a as f32).is_finite() && a as f32 == b as f32;
    a == b || is_rounded()
}

/// The JSON with each of the `moved` lists in reverse. A type with an order of its own reads
/// the same value from it.
pub(super) fn turned(given: &Value, moved: &[Address], within: &Address) -> Value {
    let mut turned = given.clone();
    for list in moved {
        let mut parts = list.parts().iter().skip(within.parts().len());
        let list = parts.try_fold(&mut turned, |value, part| match part {
            Part::Name(name) => value.get_mut(name.as_str()),
            Part::Index(index) => value.get_mut(*index),
            Part::Member(_) => None,
        });
        if let Some(Value::Array(items)) = list {
            items.reverse();
        }
    }
    turned
}

/// The values with their indices.
pub(super) fn sorted(values: &[Value]) -> Vec<(usize, &Value)> {
    let mut sorted: Vec<_> = values.iter().enumerate().collect();
    sorted.sort_by_cached_key(|(_, value)| value.to_string());
    sorted
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

    use serde_json::{Value, json};

    use super::super::{ValueProblem, check_exact};
    use super::Address;
    use crate::path::State;

    /// The value that a type reads from lists in reverse.
    #[derive(Clone, Copy, PartialEq)]
    enum Reversed {
        ReadAlike,
        ReadOtherwise,
    }

    use Reversed::{ReadAlike, ReadOtherwise};

    /// Where the value of a `T` that was written is another one than the given one.
    fn lost<T: State>(given: &Value, written: &Value, reversed: Reversed) -> Option<String> {
        let place = || Address::from_iter(["place".into()]);
        match check_exact(T::__SHAPE, given, written, &place, &|_| reversed == ReadAlike) {
            Ok(()) => None,
            Err(ValueProblem::Lossy { at }) => Some(at),
            Err(_) => panic!("{given} has unknown members"),
        }
    }

    /// A type whose parts are not known.
    type Unknown = String;

    #[test]
    fn d0_lists_of_an_unknown_form_may_have_another_order_if_that_is_read_alike() {
        for (given, written, at) in [
            (json!([2, 1]), json!([1, 2]), "place"),
            (json!({ "a": 1, "b": [2, 1] }), json!({ "b": [1, 2], "a": 1 }), "place.b"),
            (
                json!({ "a": { "b": [[7], [2, 1]] } }),
                json!({ "a": { "b": [[7], [1, 2]] } }),
                "place.a.b.1",
            ),
        ] {
            assert_eq!(lost::<Unknown>(&given, &written, ReadAlike), None, "{given}");
            assert_eq!(
                lost::<Unknown>(&given, &written, ReadOtherwise).as_deref(),
                Some(at),
                "{given}"
            );
        }
    }

    #[test]
    fn d0_a_number_of_an_unknown_form_that_is_another_one_is_lost_in_any_order() {
        for (given, written, at) in [
            (json!([3, 1]), json!([1, 2]), "place.0"),
            (json!([2, 1]), json!([1, 2, 3]), ""),
            (json!({ "a": [2, 1], "b": 7 }), json!({ "a": [1, 2], "b": 8 }), "place.a.0"),
            (json!({ "a": [2, 1, 1] }), json!({ "a": [1, 2, 2] }), "place.a.0"),
        ] {
            let found = lost::<Unknown>(&given, &written, ReadAlike);
            assert_eq!(found.as_deref(), Some(at).filter(|at| !at.is_empty()), "{given}");
        }
    }

    #[test]
    fn d0_members_of_a_set_may_come_in_another_order_and_keep_their_numbers() {
        let given = json!([{ "a": [2] }, { "a": [1] }]);
        let written = json!([{ "a": [1] }, { "a": [2] }]);
        assert_eq!(lost::<BTreeSet<Unknown>>(&given, &written, ReadOtherwise), None);
        let written = json!([{ "a": [1] }, { "a": [3] }]);
        assert_eq!(
            lost::<BTreeSet<Unknown>>(&given, &written, ReadAlike).as_deref(),
            Some("place.0.a.0")
        );
    }

    #[test]
    fn d0_elements_of_a_heap_may_come_in_another_order_and_keep_their_numbers() {
        type Heap = BinaryHeap<BTreeMap<String, u8>>;
        let given = json!([{ "a": 2 }, { "a": 1 }]);
        let turned = json!([{ "a": 1 }, { "a": 2 }]);
        assert_eq!(lost::<Heap>(&given, &turned, ReadOtherwise), None);
        let other = json!([{ "a": 1 }, { "a": 3 }]);
        assert_eq!(lost::<Heap>(&given, &other, ReadOtherwise).as_deref(), Some("place.0.a"));
    }
}
