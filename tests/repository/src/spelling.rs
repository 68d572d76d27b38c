//! Spelling: no word is one of the known misspellings of the `typos` project, in prose,
//! comments and names alike.

use std::borrow::Cow;

use typos::tokens::{Identifier, Tokenizer, Word};
use typos::{Dictionary, Status, check_str};
use unicase::UniCase;

use crate::{File, files, line, report};

/// Words that are meant as they are: the end of a commit, a crate, serde's module, and names that tests and examples
/// misspell on purpose.
const ALLOWED: &[&str] = &["ba", "flate", "ser", "positon", "adresses", "titel"];

/// Folders and files whose subject is mistakes.
const SKIPPED: &[&str] = &["tests/ui", "docs/errors.md"];

#[test]
fn no_word_is_misspelled() {
    let checked = files(&["md", "rs"]);
    let skipped = |file: &File| SKIPPED.iter().any(|path| file.path.starts_with(path));
    let mistakes = checked.iter().filter(|file| !skipped(file)).flat_map(misspelled);
    report(&mistakes.collect::<Vec<_>>());
}

fn misspelled(file: &File) -> Vec<String> {
    let tokenizer = Tokenizer::new();
    let typos = check_str(&file.text, &tokenizer, &Misspellings);
    let shown = typos.map(|typo| {
        let line = line(&file.text, typo.byte_offset);
        let Status::Corrections(corrections) = typo.corrections else { unreachable!() };
        let corrections = corrections.join("`, `");
        format!("{}:{line}: `{}` should be `{corrections}`", file.path.display(), typo.typo)
    });
    shown.collect()
}

/// The dictionary of known misspellings, without the allowed words.
struct Misspellings;

impl Dictionary for Misspellings {
    fn correct_ident<'s>(&'s self, _: Identifier<'_>) -> Option<Status<'s>> {
        None
    }

    fn correct_word<'s>(&'s self, word: Word<'_>) -> Option<Status<'s>> {
        let word = word.token();
        if ALLOWED.iter().any(|allowed| allowed.eq_ignore_ascii_case(word)) {
            return None;
        }
        let corrections = typos_dict::WORD.find(&UniCase::new(word))?;
        Some(Status::Corrections(corrections.iter().map(|word| Cow::Borrowed(*word)).collect()))
    }
}

#[test]
fn misspelled_words_are_found() {
    let text = format!("a line\nwhat they {}\n", ["rec", "ieve"].concat());

    let found = misspelled(&File { path: "a.rs".into(), text });

    assert_eq!(found, [format!("a.rs:2: `{}` should be `receive`", ["rec", "ieve"].concat())]);
}
