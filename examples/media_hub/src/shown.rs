//! Paths as text: every name of a file fits on one line and into JSON.

use std::path::Path;

use serde::Serializer;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// The path as text for a terminal, with U+FFFD in place of bytes that are not UTF-8 and
/// of characters that move the cursor, end the line or turn its direction.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

/// The text for a terminal, with U+FFFD in place of the characters that
/// [`shown`] replaces.
pub(crate) fn printable(text: &str) -> String {
    text.replace(is_invisible, "\u{FFFD}")
}

/// Whether a terminal obeys the character instead of drawing a glyph: controls,
/// formats (such as U+202E, which writes from right to left) and separators of lines.
///
/// The crate `unicode-properties` of the Unicode group knows the categories; of these,
/// `std` knows the controls alone.
fn is_invisible(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator};
    matches!(c.general_category(), Control | Format | LineSeparator | ParagraphSeparator)
}

/// The path as a string of JSON, in which `serde_json` escapes control characters.
pub(crate) fn as_text<S: Serializer>(path: &Path, json: S) -> Result<S::Ok, S::Error> {
    json.serialize_str(&path.to_string_lossy())
}
