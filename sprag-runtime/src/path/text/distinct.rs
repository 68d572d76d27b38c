//! Checks that a macro cannot make, since it does not see the types in a type: whether the
//! names in a model's text are distinct, and whether a hidden place can be distinguished
//! from others.

use crate::const_text::ConstText;
use crate::path::form::Right;
use crate::path::shape::Shape;

/// Has the compiler say which name two places of `shape` have, if there is one.
#[doc(hidden)]
#[track_caller]
pub const fn __distinct(shape: &Shape) {
    let Some(name) = doubled(shape, shape) else { return };
    let mut text = ConstText::new();
    text.push("two places are called `");
    text.push(name);
    text.push("` in a path's text; rename one, or do not flatten this");
    panic!("{}", text.as_str());
}

/// The first name below `part` that occurs twice in `whole`.
const fn doubled(whole: &Shape, part: &Shape) -> Option<&'static str> {
    let mut i = 0;
    while i < part.fields.len() {
        let field = &part.fields[i];
        if field.name.is_empty() {
            if let Some(name) = doubled(whole, field.shape) {
                return Some(name);
            }
        } else if !field.skipped && count(whole, field.name) > 1 {
            return Some(field.name);
        }
        i += 1;
    }
    None
}

/// The number of places of `shape` with the name `name`, in its nameless parts too.
const fn count(shape: &Shape, name: &str) -> usize {
    let (mut found, mut i) = (0, 0);
    while i < shape.fields.len() {
        let field = &shape.fields[i];
        if field.name.is_empty() {
            found += count(field.shape, name);
        } else if !field.skipped && same(field.name, name) {
            found += 1;
        }
        i += 1;
    }
    found
}

/// `a == b`, which the compiler cannot yet say of strings.
const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// Makes the compiler refuse a hidden place that the serde form cannot distinguish from
/// others: one in a flattened field.
#[doc(hidden)]
#[track_caller]
pub const fn __flat_shows_all(shape: &Shape) {
    if !shows_all(shape) {
        panic!(
            "a place in this field is `never` for browsers, but its members cannot be \
             distinguished from those of its owner; do not flatten it"
        );
    }
}

/// The same for an untagged enum.
#[doc(hidden)]
#[track_caller]
pub const fn __untagged_shows_all(shape: &Shape) {
    if !shows_all(shape) {
        panic!(
            "a place in this enum is `never` for browsers, but the JSON does not name the \
             variant; give the enum a `tag`"
        );
    }
}

/// Whether nothing in the static tree below `shape` is hidden from browsers.
const fn shows_all(shape: &Shape) -> bool {
    let (mut i, places) = (0, shape.form.places);
    while i < places.len() {
        if matches!(places[i].traits.right, Some(Right::Never)) {
            return false;
        }
        i += 1;
    }
    let (mut i, others) = (0, shape.form.others);
    while i < others.len() {
        if matches!(others[i].traits.right, Some(Right::Never)) {
            return false;
        }
        i += 1;
    }
    let (mut i, fields) = (0, shape.fields);
    while i < fields.len() {
        if !fields[i].skipped && !shows_all(fields[i].shape) {
            return false;
        }
        i += 1;
    }
    true
}
