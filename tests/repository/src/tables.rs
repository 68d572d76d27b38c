//! The tables of pages and of documentation: each row has as many cells as the head.

use crate::{File, files, report};

#[test]
fn tables_have_whole_rows() {
    report(&files(&["md", "rs"]).iter().flat_map(mistakes).collect::<Vec<_>>());
}

/// Each row of another width than the row before.
fn mistakes(file: &File) -> Vec<String> {
    let mut found = Vec::new();
    let (mut in_code, mut width) = (false, None);
    for (index, line) in file.text.lines().enumerate() {
        let text = text(file, line);
        in_code ^= text.is_some_and(|text| text.starts_with("```"));
        let row = text.filter(|text| !in_code && text.starts_with('|')).map(cells);
        if let (Some(before), Some(now)) = (width, row)
            && before != now
        {
            let place = format!("{}:{}", file.path.display(), index + 1);
            found.push(format!("{place}: a row of {now} cells below one of {before}"));
        }
        width = row;
    }
    found
}

/// The text of a page's line, or of a line of documentation.
fn text<'a>(file: &File, line: &'a str) -> Option<&'a str> {
    if file.path.extension().is_some_and(|extension| extension == "md") {
        return Some(line);
    }
    let line = line.trim_start();
    line.strip_prefix("//! ").or_else(|| line.strip_prefix("/// "))
}

/// The number of cells of a row; 0 if the row is cut off.
fn cells(row: &str) -> usize {
    let row = row.trim_end().replace(r"\|", "");
    if row.ends_with('|') { row.matches('|').count() - 1 } else { 0 }
}

#[test]
fn a_row_that_is_cut_off_is_found() {
    let page = |text: &str| File { path: "a.md".into(), text: text.into() };

    assert_eq!(mistakes(&page("| a | b |\n|---|---|\n| c | d |\n\n| e |")).len(), 0);
    assert_eq!(mistakes(&page("| a | b |\n|---|---|\n| c\nd |")).len(), 1);
    assert_eq!(mistakes(&page("| a | b |\n|---|---|\n| `\\|c\\|` | d |")).len(), 0);
}
