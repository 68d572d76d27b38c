//! The prose of comments, documentation and pages, as far as patterns can judge it: a
//! sentence begins with its subject, and says plainly what the subject does.

use regex::Regex;

use crate::{File, files, report};

/// A pattern, and the advice for a sentence that matches it.
const RULES: &[(&str, &str)] = &[
    (r"(?:^|[.!?] )(?:What|Who|Whoever|Whom|Whatever) [^?]*$", "begin with a noun"),
    (r"^Of (?:a|an|the|what)\b", "begin with a noun"),
    (r"(?i)\b(?:is|are|was|were) (?:no|none)\b", "write `is not a`"),
    (r"(?i)\b(?:whoever|whomever|whom)\b", "name the thing"),
    (r"(?i)\b(?:lies|lying|stands|stood)\b", "write `is`"),
    (r"(?i)\bputs? by\b", "write `capture`"),
    (r"(?i)\b(?:told|tells?)\b", "write `notify`, `report` or `distinguish`"),
    (r"(?i)\bask(?:s|ed|ing)?\b", "write `query`, `match` or `request`"),
    (r"(?i)\b(?:nobody|somebody)\b", "name the thing"),
    (r"(?i)\bmeanwhile\b", "name the time"),
    (r"(?i)\bfor ever\b", "write `forever`"),
    (
        r"(?:^|[a-z.,:] )(?:[A-Z][a-z]+){2,} [a-z]",
        "put a type in backticks, and write a verb for a verb",
    ),
];

/// Idioms that a rule would match.
const IDIOMS: &[&str] = &[
    "there is no",
    "there are no",
    "there was no",
    "is no longer",
    "are no longer",
    "is no more",
    "are no more",
    "stands for",
    "stands in",
    "none of",
    "tells all",
    "GitHub",
    "JavaScript",
    "JetStream",
    "LinkedList",
    "TypeScript",
];

/// Folders and files that are quoted or generated.
const SKIPPED: &[&str] = &["tests/ui", "docs/errors.md"];

#[test]
fn sentences_begin_with_their_subject() {
    let rules: Vec<(Regex, &str)> = RULES.iter().map(rule).collect();
    let checked = files(&["md", "rs"]);
    let skipped = |file: &File| SKIPPED.iter().any(|path| file.path.starts_with(path));
    let checked = checked.iter().filter(|file| !skipped(file));
    report(&checked.flat_map(|file| mistakes(file, &rules)).collect::<Vec<_>>());
}

fn rule((pattern, advice): &(&str, &'static str)) -> (Regex, &'static str) {
    (Regex::new(pattern).expect("the patterns are valid"), advice)
}

fn mistakes(file: &File, rules: &[(Regex, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    for (number, sentence) in prose(file) {
        let sentence = plain(&sentence);
        for (pattern, advice) in rules.iter().filter(|(pattern, _)| pattern.is_match(&sentence)) {
            let words = pattern.find(&sentence).expect("it matches").as_str().trim();
            found.push(format!("{}:{number}: `{words}`: {advice}", file.path.display()));
        }
    }
    found
}

/// The lines of prose, each with its number: comments of sources, text of pages; no code
/// and no headings.
fn prose(file: &File) -> Vec<(usize, String)> {
    let is_page = file.path.extension().is_some_and(|extension| extension == "md");
    let (mut in_code, mut lines) = (false, Vec::new());
    for (index, line) in file.text.lines().enumerate() {
        let Some(text) = (if is_page { Some(line.trim()) } else { comment(line) }) else {
            in_code = false;
            continue;
        };
        if text.starts_with("```") {
            in_code = !in_code;
        } else if !in_code && !text.starts_with('#') {
            lines.push((index + 1, text.to_owned()));
        }
    }
    lines
}

/// The text of a line that is a comment.
fn comment(line: &str) -> Option<&str> {
    let text = line.trim().strip_prefix("//")?;
    Some(text.trim_start_matches(['/', '!']).trim())
}

/// `sentence` without code and idioms.
fn plain(sentence: &str) -> String {
    let words = sentence.split('`').step_by(2).collect::<Vec<_>>().join("x");
    IDIOMS.iter().fold(words, |words, idiom| {
        let capital = format!("{}{}", idiom[..1].to_uppercase(), &idiom[1..]);
        words.replace(idiom, "").replace(&capital, "")
    })
}

#[test]
fn a_sentence_without_subject_is_found() {
    let rules: Vec<(Regex, &str)> = RULES.iter().map(rule).collect();
    let comment = |text: &str| {
        let file = File { path: "a.rs".into(), text: ["/", "// ", text].concat() };
        mistakes(&file, &rules).len()
    };

    assert_eq!(comment("What is there."), 1);
    assert_eq!(comment("A hook is no task."), 1);
    assert_eq!(comment("There is no task: the hook stands for it, and `is no` code."), 0);
    assert_eq!(comment("CallTime `callback` after each commit."), 1);
    assert_eq!(comment("```\nlet a = 1; // whom"), 0);
}
