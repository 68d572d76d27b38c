//! The lists in an error: the names that exist, and the name that is most similar.

use crate::error::{SHOWN_NAMES, cut};
use crate::path::shape::ShapeField;

/// How many names an error holds, one more than its message shows; and among how many the
/// nearest is searched.
const LISTED: usize = SHOWN_NAMES + 1;
pub(super) const COMPARED: usize = 256;

/// The longest name that is compared with others.
const LONGEST: usize = 64;

/// The names with which a text can continue, those of flattened fields included.
pub(crate) fn names(fields: &[ShapeField]) -> Vec<String> {
    let open = fields.iter().filter(|field| !field.skipped);
    let names = open.flat_map(|field| match field.name {
        "" => names(field.shape.fields),
        name => vec![name.to_owned()],
    });
    names.collect()
}

/// The first of `names`, each as short as an error needs it.
pub(crate) fn listed(names: &[String]) -> Vec<String> {
    names.iter().take(LISTED).map(|name| cut(name)).collect()
}

/// The one that a slip of the finger turns into `name`: most of its letters are right.
pub(crate) fn nearest(name: &str, known: &[String]) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let distance = |known: &&String| strsim::damerau_levenshtein(name, known);
    let nearest = known.iter().filter(|known| known.len() <= LONGEST).min_by_key(distance)?;
    let distance = distance(&nearest);
    (distance <= 1 + name.len() / 4 && distance < name.len()).then(|| nearest.clone())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, nearest};

    #[test]
    fn a_name_with_a_slip_has_a_nearest_one_unless_it_is_long() {
        let found = |name: &str, known: &[&str]| {
            let known: Vec<String> = known.iter().map(|&name| name.to_owned()).collect();
            nearest(name, &known)
        };
        assert_eq!(found("positon", &["title", "position"]).as_deref(), Some("position"));
        assert_eq!(found("ur", &["url", "position"]).as_deref(), Some("url"));
        assert_eq!(found("x", &["y"]), None, "no letter is right");
        assert_eq!(found("volume", &["position"]), None);
        let name = |len: usize, end: &str| "n".repeat(len - 1) + end;
        for (len, is_found) in [(LONGEST, true), (LONGEST + 1, false)] {
            let known = name(len, "a");
            let nearest = found(&name(len, "b"), &[&known]);
            assert_eq!(nearest, is_found.then_some(known), "{len}");
        }
    }
}
