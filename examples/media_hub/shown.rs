//! Paths as they are shown: any name of a file can be printed and be JSON.

use std::path::Path;

use serde::Serializer;

/// The path as text. What is no UTF-8 in it, or would move a terminal's cursor, is
/// replaced.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace(char::is_control, "\u{FFFD}")
}

/// The path as a string of JSON, which writes control characters in its own way.
pub(crate) fn as_text<S: Serializer>(path: &Path, json: S) -> Result<S::Ok, S::Error> {
    json.serialize_str(&path.to_string_lossy())
}
