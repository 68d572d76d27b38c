//! What can go wrong with a place that is given as text.

use std::error::Error;

use super::Absent;

/// Why a place that was given as text was not read or written. Nothing was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The text names something that is not there in any value.
    #[error("{}", unknown(.name, .within, .nearest.as_deref(), .known))]
    Unknown {
        /// The whole text.
        path: String,
        /// The name that is not known.
        name: String,
        /// The place that has no such name, as text; empty for the root.
        within: String,
        /// What it has instead; at most 16 names.
        known: Vec<String>,
        /// The one of them that may have been meant.
        nearest: Option<String>,
    },
    /// The map has no such key.
    #[error("{}", unknown(.key, .within, .nearest.as_deref(), .known))]
    NoEntry {
        /// The whole text.
        path: String,
        /// The text of the key.
        key: String,
        /// The map, as text.
        within: String,
        /// Keys that it has; at most 16.
        known: Vec<String>,
        /// The one of them that may have been meant.
        nearest: Option<String>,
    },
    /// The list has no such element. Elements are written where they are; `push`
    /// makes new ones.
    #[error("`{within}` has no index `{index}`; its length is {len}")]
    NoIndex {
        /// The whole text.
        path: String,
        /// What stands for the index.
        index: String,
        /// The list, as text.
        within: String,
        /// How many elements there are.
        len: usize,
    },
    /// The place is in an `Option` that is `None`, or in a variant that is not the
    /// active one.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The text goes on behind one opaque value.
    #[error("`{leaf}` is one value, and nothing lies below it; stop there")]
    BelowLeaf {
        /// The whole text.
        path: String,
        /// The opaque value, as text.
        leaf: String,
    },
    /// The text ends at a variant, which is a group of places and none itself.
    #[error("`{path}` is a variant; {}", variant(.fields))]
    Variant {
        /// The whole text.
        path: String,
        /// The fields of the variant.
        fields: Vec<String>,
    },
    /// Serde leaves the place out (`#[serde(skip)]`), so nobody reaches it from
    /// outside.
    #[error("`{path}` is not open to text; use the typed path")]
    Skipped {
        /// The whole text.
        path: String,
    },
    /// Serde writes the place but does not read it.
    #[error("`{path}` can be read and not written; serde reads it by another name or not at all")]
    ReadOnly {
        /// The whole text.
        path: String,
    },
    /// The place is inside an `Arc`, which others may hold.
    #[error("`{path}` lies in an `Arc`, which is written as a whole; set that")]
    Shared {
        /// The whole text.
        path: String,
    },
    /// What serde writes of the state does not show the place: a type around it is
    /// written in a form of its own.
    #[error("`{path}` does not show in what serde writes of the state; use a place above it")]
    Hidden {
        /// The whole text.
        path: String,
    },
    /// The value does not fit the place.
    #[error("the value does not fit `{path}`{}", inside(.at, .path))]
    Misfit {
        /// The whole text.
        path: String,
        /// Where in the value, from the root of the state; empty where serde does not
        /// say.
        at: String,
        /// What serde says of it.
        source: serde_json::Error,
    },
    /// The state would be nested more than 128 deep, which a thread's stack may not
    /// bear when it is read or written.
    #[error("the value would make `{path}` nested more than 128 deep; write less of it")]
    TooDeep {
        /// The whole text.
        path: String,
    },
    /// The state cannot be written as JSON, or what is written cannot be read again.
    #[error("the state does not survive a round trip through JSON{}", inside(.at, ""))]
    RoundTrip {
        /// Where, from the root of the state; empty where serde does not say.
        at: String,
        /// What serde says of it.
        source: Box<dyn Error + Send + Sync>,
    },
}

fn unknown(name: &str, within: &str, nearest: Option<&str>, known: &[String]) -> String {
    let place = if within.is_empty() { "the state".to_owned() } else { format!("`{within}`") };
    let mut text = format!("there is no `{name}` in {place}; ");
    if let Some(nearest) = nearest {
        text.push_str(&format!("did you mean `{nearest}`? "));
    }
    text + &it_has(known)
}

fn it_has(known: &[String]) -> String {
    if known.is_empty() {
        return "it is empty".to_owned();
    }
    let names: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    format!("it has {}", names.join(", "))
}

fn variant(fields: &[String]) -> String {
    if fields.is_empty() {
        return "set the enum to make it the active one".to_owned();
    }
    format!("go on to a field of it; {}", it_has(fields))
}

fn inside(at: &str, path: &str) -> String {
    if at.is_empty() || at == path { String::new() } else { format!(" (at `{at}`)") }
}
