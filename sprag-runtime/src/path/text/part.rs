//! One part of a place's text, and when it needs quotes.

use std::fmt;

/// Writes `part` so that it is read as this one part: in quotes where a dot, a quote or a
/// bracket is in it, and where it is empty or begins with `/` or `?`.
pub(in crate::path) fn write_part(out: &mut dyn fmt::Write, part: &str) -> fmt::Result {
    if is_plain(part) {
        return out.write_str(part);
    }
    out.write_char('"')?;
    for letter in part.chars() {
        if matches!(letter, '"' | '\\') {
            out.write_char('\\')?;
        }
        out.write_char(letter)?;
    }
    out.write_char('"')
}

fn is_plain(part: &str) -> bool {
    !part.is_empty() && !part.starts_with(['/', '?']) && !part.contains(['.', '"', '[', ']'])
}

/// Precedes the text of a key that serde cannot write. A text with this first character is
/// not read as a part.
pub(in crate::path) const UNNAMED: char = '?';
