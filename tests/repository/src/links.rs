//! Links of the pages: each leads to a file of the repository, and to a heading in it.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::{File, files, line, report, root};

#[test]
fn links_lead_to_files_and_headings() {
    let pages = files(&["md"]);
    let anchors: HashMap<PathBuf, HashSet<String>> =
        pages.iter().map(|page| (page.path.clone(), anchors(&page.text))).collect();
    let broken = pages.iter().flat_map(|page| broken(page, &anchors));
    report(&broken.collect::<Vec<_>>());
}

/// The links of `page` that lead nowhere.
fn broken(page: &File, anchors: &HashMap<PathBuf, HashSet<String>>) -> Vec<String> {
    let mut broken = Vec::new();
    for (offset, link) in links(&page.text) {
        if let Err(problem) = follow(page, &link, anchors) {
            let line = line(&page.text, offset);
            broken.push(format!("{}:{line}: `{link}`: {problem}", page.path.display()));
        }
    }
    broken
}

fn follow(
    page: &File,
    link: &str,
    anchors: &HashMap<PathBuf, HashSet<String>>,
) -> Result<(), &'static str> {
    if link.contains("://") || link.starts_with("mailto:") {
        return Ok(());
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(p, a)| (p, Some(a)));
    let target = match path {
        "" => page.path.clone(),
        _ => normal(&page.path.parent().expect("a file has a folder").join(path)),
    };
    if !root().join(&target).exists() {
        return Err("there is no such file");
    }
    match anchor {
        Some(anchor) if !anchors.get(&target).is_some_and(|own| own.contains(anchor)) => {
            Err("the page has no such heading")
        }
        _ => Ok(()),
    }
}

/// `path` without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(normal.pop()),
            Component::CurDir => {}
            part => normal.push(part),
        }
    }
    normal
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

/// The targets of links and images, with their offsets.
fn links(text: &str) -> Vec<(usize, String)> {
    let link = |(event, range): (Event<'_>, std::ops::Range<usize>)| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
            Some((range.start, dest_url.to_string()))
        }
        _ => None,
    };
    parser(text).into_offset_iter().filter_map(link).collect()
}

/// The anchors that GitHub gives the headings: the text in lower case, without
/// punctuation, with hyphens for spaces, and numbered where the text repeats.
fn anchors(text: &str) -> HashSet<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut anchors = HashSet::new();
    let mut heading: Option<String> = None;
    for event in parser(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::Text(text) | Event::Code(text), Some(heading)) => heading.push_str(&text),
            (Event::End(TagEnd::Heading(_)), Some(text)) => {
                let anchor = anchor(text);
                let before = seen.entry(anchor.clone()).or_default();
                anchors.insert(match before {
                    0 => anchor,
                    _ => format!("{anchor}-{before}"),
                });
                *before += 1;
                heading = None;
            }
            _ => {}
        }
    }
    anchors
}

fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn broken_links_are_found() {
    let text = "# A `b`, c\n# A `b`, c\n[x](#a-b-c-1) [y](#b) [z](none.md) [w](http://x.y)\n";
    let page = File { path: "README.md".into(), text: text.into() };
    let anchors = HashMap::from([(page.path.clone(), anchors(text))]);

    let broken = broken(&page, &anchors);

    let expected = [
        "README.md:3: `#b`: the page has no such heading",
        "README.md:3: `none.md`: there is no such file",
    ];
    assert_eq!(broken, expected);
}
