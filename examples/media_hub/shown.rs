//! Paths as text: any file name can be printed and written as JSON.

use std::path::Path;

use serde::Serializer;

/// The path as text. Invalid UTF-8 and control characters, which would move a
/// terminal's cursor, are replaced.
pub(crate) fn shown(path: &Path) -> String {
    path.to_string_lossy().replace(char::is_control, "\u{FFFD}")
}

/// The path as a JSON string, which has its own escapes for control characters.
pub(crate) fn as_text<S: Serializer>(path: &Path, json: S) -> Result<S::Ok, S::Error> {
    json.serialize_str(&path.to_string_lossy())
}
