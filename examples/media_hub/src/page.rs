//! The pages of `list`.

use sprag::{Error, Result};

use crate::scan::{Library, MediaFile};
use crate::shown::shown;

/// The files of a page: a page and a summary fit on a terminal of 24 lines.
const SIZE: usize = 20;

/// The lines of page `number`; the first page has the number 1. The last line counts the
/// files when the library has more than one page.
///
/// # Errors
///
/// When the library does not have that page.
pub(crate) fn page(library: &Library, number: usize) -> Result<Vec<String>> {
    let count = library.files().count();
    let last = count.div_ceil(SIZE).max(1);
    if !(1..=last).contains(&number) {
        return Err(Error::msg(format!("page {number} does not exist; the last page is {last}")));
    }
    let first = (number - 1) * SIZE;
    let mut lines: Vec<String> = library.files().skip(first).take(SIZE).map(line).collect();
    if last > 1 {
        let (from, to) = (first + 1, first + lines.len());
        let (other, which) = if number < last { (number + 1, "next") } else { (1, "first") };
        lines.push(format!(
            "files {from} to {to} of {count}; `list {other}` shows the {which} page"
        ));
    }
    Ok(lines)
}

fn line((number, file): (usize, &MediaFile)) -> String {
    format!("{number:4}  {}  ({})", shown(&file.path), file.mime)
}
