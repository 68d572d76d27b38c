//! The errors of a place that is given as text or as an address.

use std::error::Error;

use super::Absent;

/// The length at which an error cuts a text of the user's, in bytes.
const LONGEST: usize = 200;

/// The error of a map with keys of a type of the user's that is not a field of a derived type:
/// a derive names the types of its fields, and thereby the keys of a map.
pub(crate) const UNKNOWN_KEYS: &str = "the type of the map's keys is not known; make the map a \
    field of a struct that derives `Model`, which `#[serde(transparent)]` writes as the map";

/// The beginning of `text`, up to the length that errors repeat, with the characters that
/// act on a terminal or a log as escapes.
pub(crate) fn cut(text: &str) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        let end = shown.len();
        if acts_on_text(letter) {
            shown.extend(letter.escape_debug());
        } else {
            shown.push(letter);
        }
        if shown.len() > LONGEST {
            shown.truncate(end);
            shown.push('…');
            break;
        }
    }
    shown
}

/// Whether the character is a control, a separator of lines, or changes the direction of
/// the text around it.
fn acts_on_text(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Why a place that was given as text or as an [`Address`](crate::path::Address) was not
/// read or written. Nothing was changed.
///
/// Long texts in the error are cut.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use sprag::prelude::*;
/// # #[derive(Model, Clone, Default, Serialize, Deserialize)]
/// # struct Tv { position: u64 }
/// # let tv = create_model("tv", Tv::default());
/// let error = tv.set_value("position", "soon".into()).unwrap_err();
/// assert!(error.is_misfit());
/// assert_eq!(
///     error.to_string(),
///     "the value does not fit `position`: invalid type: string \"soon\", expected u64",
/// );
/// assert!(tv.get_value("positon").unwrap_err().is_not_found());
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The text is not the text of a place.
    #[error("`{path}` is not the text of a place: {problem}")]
    Syntax {
        /// The text.
        path: String,
        /// The problem.
        problem: &'static str,
    },
    /// The text names a part that does not exist.
    #[error("{}", unknown(.name, .within, .nearest.as_deref(), .known))]
    Unknown {
        /// The whole text.
        path: String,
        /// The unknown name.
        name: String,
        /// The place that has no such name, as text; empty for the root.
        within: String,
        /// The existing names; at most 17, of which the message shows 16.
        known: Vec<String>,
        /// The most similar existing name, if one is similar.
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
        /// The existing keys; at most 17, of which the message shows 16.
        known: Vec<String>,
        /// The most similar existing key, if one is similar.
        nearest: Option<String>,
    },
    /// The text is not a key of the map's type.
    #[error("`{key}` is not a key of {}", place(.within))]
    NoKey {
        /// The whole text.
        path: String,
        /// The text that is not a key.
        key: String,
        /// The map, as text.
        within: String,
    },
    /// The list has no such element. Only existing elements can be written; `push` adds new
    /// ones.
    #[error("{} has no index `{index}`; its length is {len}", place(.within))]
    NoIndex {
        /// The whole text.
        path: String,
        /// The text in the place of the index.
        index: String,
        /// The list, as text.
        within: String,
        /// The length of the list.
        len: usize,
    },
    /// The place is in an `Option` that is `None`, or in a variant that is not the
    /// active one.
    #[error(transparent)]
    Absent(#[from] Absent),
    /// The text continues below an opaque value.
    #[error("{} is a single value without places below it; end the path there", place(.leaf))]
    BelowLeaf {
        /// The whole text.
        path: String,
        /// The opaque value, as text.
        leaf: String,
    },
    /// The text ends at a variant, which is a group of places and not a place itself.
    #[error("`{path}` is a variant; {}", variant(.fields))]
    Variant {
        /// The whole text.
        path: String,
        /// The fields of the variant.
        fields: Vec<String>,
    },
    /// Serde leaves the place out (`#[serde(skip)]`), so that no text reaches it.
    #[error("`{path}` cannot be reached by text; use the typed path")]
    Skipped {
        /// The whole text.
        path: String,
    },
    /// Serde writes the place but does not read it.
    #[error(
        "`{path}` can be read but not written, since serde reads it by another name or not at all"
    )]
    ReadOnly {
        /// The whole text.
        path: String,
    },
    /// The place is inside an `Arc`, which others may hold.
    #[error("`{path}` is in an `Arc`, which is written as a whole; set the `Arc`")]
    Shared {
        /// The whole text.
        path: String,
    },
    /// The place is not visible in the JSON of the state, since a type around it is written
    /// in a form of its own.
    #[error("`{path}` is not in the JSON that serde writes of the state; use a place above it")]
    Hidden {
        /// The whole text.
        path: String,
    },
    /// The way leads through a map whose keys have a type that is not known, since the map is
    /// not a field of a type that derives `Model`: `apply` cannot find its entries.
    #[error("`{path}` is not found: {}", UNKNOWN_KEYS)]
    UnknownKeys {
        /// The whole text.
        path: String,
    },
    /// The value does not fit the place.
    #[error("the value does not fit {}{}: {source}", place(.path), inside(.at))]
    Misfit {
        /// The whole text.
        path: String,
        /// The position in the value; empty if serde does not report it.
        at: String,
        /// Serde's error about the value.
        source: serde_json::Error,
    },
    /// The value has a member that its place does not have.
    #[error("the value does not fit {}: {}", place(.path), unknown(.name, .within, .nearest.as_deref(), .known))]
    UnknownMember {
        /// The whole text.
        path: String,
        /// The unknown name.
        name: String,
        /// The place that has no such member, as text; empty for the root.
        within: String,
        /// The existing names; at most 17, of which the message shows 16.
        known: Vec<String>,
        /// The most similar existing name, if one is similar.
        nearest: Option<String>,
    },
    /// The value was read, but would be written as another one: a number outside the range
    /// of its place.
    #[error("the value does not fit {}: what is at {} would not come back as it was written", place(.path), place(.at))]
    Lossy {
        /// The whole text.
        path: String,
        /// The place whose value is lost, as text; empty for the root.
        at: String,
    },
    /// The state would be nested more than 127 deep, which is as deep as `serde_json`
    /// reads.
    #[error("the value would make {} nested more than 127 deep; write less of it", place(.path))]
    TooDeep {
        /// The whole text.
        path: String,
    },
    /// The merge has so many members below so long keys that their places are more than
    /// 256 MiB long together.
    #[error("the value has too many members below the long keys of {}; merge them in parts", place(.path))]
    TooLong {
        /// The place with the members, as text.
        path: String,
    },
    /// The state cannot be written as JSON, or its JSON cannot be read back.
    #[error("the state does not survive a round trip through JSON{}: {source}", inside(.at))]
    RoundTrip {
        /// The position, from the root of the state; empty if serde does not report it.
        at: String,
        /// Serde's error about the value.
        source: Box<dyn Error + Send + Sync>,
    },
}

impl PathError {
    /// Whether the place does not exist: there is no such name, key or index, or the place
    /// is inside an absent value.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::Unknown { .. }
                | Self::NoEntry { .. }
                | Self::NoKey { .. }
                | Self::NoIndex { .. }
                | Self::Absent(_)
                | Self::BelowLeaf { .. }
        )
    }

    /// Whether the place exists but cannot be written by text.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::ReadOnly { .. } | Self::Shared { .. })
    }

    /// Whether the place can neither be read nor written by text.
    pub fn is_hidden(&self) -> bool {
        matches!(
            self,
            Self::Skipped { .. }
                | Self::Hidden { .. }
                | Self::UnknownKeys { .. }
                | Self::Variant { .. }
        )
    }

    /// Whether the place exists but the value does not match it.
    pub fn is_misfit(&self) -> bool {
        matches!(
            self,
            Self::Misfit { .. }
                | Self::UnknownMember { .. }
                | Self::Lossy { .. }
                | Self::TooDeep { .. }
                | Self::TooLong { .. }
        )
    }

    /// Whether the text is not the text of a place.
    pub fn is_syntax(&self) -> bool {
        matches!(self, Self::Syntax { .. })
    }
}

/// A place in the form for messages.
pub(super) fn place(text: &str) -> String {
    if text.is_empty() { "the state".to_owned() } else { format!("`{text}`") }
}

fn unknown(name: &str, within: &str, nearest: Option<&str>, known: &[String]) -> String {
    let mut text = format!("there is no `{name}` in {}; ", place(within));
    if let Some(nearest) = nearest {
        text.push_str(&format!("did you mean `{nearest}`? "));
    }
    text + &it_has(known)
}

/// How many names a message shows.
pub(crate) const SHOWN_NAMES: usize = 16;

fn it_has(known: &[String]) -> String {
    if known.is_empty() {
        return "it is empty".to_owned();
    }
    let shown = known.iter().take(SHOWN_NAMES);
    let names: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
    let more = if known.len() > SHOWN_NAMES { " and more" } else { "" };
    format!("it has {}{more}", names.join(", "))
}

fn variant(fields: &[String]) -> String {
    if fields.is_empty() {
        return "set the enum to make it the active one".to_owned();
    }
    format!("continue with one of its fields; {}", it_has(fields))
}

fn inside(at: &str) -> String {
    if at.is_empty() { String::new() } else { format!(" (at `{at}`)") }
}
