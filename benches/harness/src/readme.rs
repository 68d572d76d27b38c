//! The generated sections of a Markdown file: `<!-- bench:name -->` to
//! `<!-- /bench:name -->`.

use std::fs;
use std::io;
use std::path::Path;

/// Puts `text` between the markers of the section `name` in `file`.
///
/// # Errors
///
/// When the file cannot be read or written, or has no such section.
pub fn fill(file: &Path, name: &str, text: &str) -> io::Result<()> {
    let old = fs::read_to_string(file)?;
    let missing = || io::Error::other(format!("`{}` has no section `{name}`", file.display()));
    let (open, close) = (format!("<!-- bench:{name} -->"), format!("<!-- /bench:{name} -->"));
    let (before, rest) = old.split_once(&open).ok_or_else(missing)?;
    let (_, after) = rest.split_once(&close).ok_or_else(missing)?;
    fs::write(file, format!("{before}{open}\n\n{}\n\n{close}{after}", text.trim()))
}
