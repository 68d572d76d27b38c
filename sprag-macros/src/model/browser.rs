//! The options `#[model(browser = "…")]` and `#[model(ts = "…")]`, and the attributes that
//! contradict them.
//!
//! A right that cannot be kept is a mistake: `never` needs a member of its own that a
//! filter can leave out, and `write` needs a path and a reader.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::LitStr;

use super::serde_attr::{SerdeField, SerdeItem};
use crate::errors::Errors;
use crate::near::nearest;
use crate::options::Opt;

/// The access of browsers to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivenRight {
    Never,
    Read,
    Write,
}

/// The words for the rights, from the least to the most.
const WORDS: [(&str, GivenRight); 3] =
    [("read", GivenRight::Read), ("write", GivenRight::Write), ("never", GivenRight::Never)];

/// The options of a type or a field.
#[derive(Default)]
pub(crate) struct BrowserOptions {
    right: Option<(GivenRight, Span)>,
    ts: Option<LitStr>,
}

/// The browser options of a field or a type after all checks.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) right: Option<GivenRight>,
    /// Its type in TypeScript, where the user names it.
    pub(crate) ts: Option<String>,
    /// Whether serde has a value for it where none is given.
    pub(crate) has_default: bool,
}

impl BrowserOptions {
    /// Reads `browser = "…"`.
    pub(crate) fn read_right(&mut self, option: &Opt, errors: &Errors) {
        let Some(word) = option.expect_equals::<LitStr>(errors, "a right", "\"write\"") else {
            return;
        };
        let text = word.value();
        match WORDS.into_iter().find(|(known, _)| *known == text) {
            Some((_, right)) => self.right = Some((right, word.span())),
            None => errors.at(&word, unknown(&text)),
        }
    }

    /// Reads `ts = "…"`.
    pub(crate) fn read_ts(&mut self, option: &Opt, errors: &Errors) {
        let Some(ts) = option.expect_equals::<LitStr>(errors, "a type", "\"string\"") else {
            return;
        };
        if ts.value().trim().is_empty() {
            errors.at(&ts, "`ts` needs a type of TypeScript; write for example `ts = \"string\"`");
            return;
        }
        self.ts = Some(ts);
    }

    /// The options of a type.
    pub(crate) fn of_type(self, serde: &SerdeItem, errors: &Errors) -> Browser {
        let right = self.right.filter(|(right, span)| {
            let is_never = *right == GivenRight::Never;
            if is_never {
                let message = "`never` belongs on the fields that hold the type, since a list or \
                               a variant cannot leave its content out; move it there";
                errors.at_span(*span, message);
            }
            !is_never
        });
        Browser {
            right: right.map(|(right, _)| right),
            ts: self.ts.map(|ts| ts.value()),
            has_default: serde.default,
        }
    }

    /// The options of a field.
    pub(crate) fn of_field(self, place: &Surroundings<'_>, errors: &Errors) -> Browser {
        let right = self.right.filter(|(right, span)| {
            let problem = place.problem(*right);
            problem.inspect(|message| errors.at_span(*span, message)).is_none()
        });
        let right = right.map(|(right, _)| right);
        if let Some(ts) = &self.ts {
            let problem = match right {
                _ if place.serde.skip => Some("serde leaves this field out; remove `ts`"),
                Some(GivenRight::Never) => {
                    Some("browsers never see this field and need no type for it; remove `ts`")
                }
                _ => None,
            };
            problem.inspect(|message| errors.at(ts, message));
        }
        let ts = self.ts.map(|ts| ts.value());
        Browser { right, ts, has_default: place.serde.default }
    }

    /// The options as spans with their names, where a type that is a leaf has no use for
    /// them.
    pub(crate) fn spans(&self) -> [Option<Span>; 2] {
        [self.right.map(|(_, span)| span), self.ts.as_ref().map(LitStr::span)]
    }
}

/// Where a field is.
pub(crate) struct Surroundings<'a> {
    pub(crate) serde: &'a SerdeField,
    pub(crate) item: &'a SerdeItem,
    /// Whether no path leads to it.
    pub(crate) is_skipped: bool,
    pub(crate) is_named: bool,
}

impl Surroundings<'_> {
    /// Why browsers cannot have this right to the field.
    fn problem(&self, right: GivenRight) -> Option<&'static str> {
        let Self { serde, item, is_skipped, is_named } = self;
        if serde.skip {
            return Some("serde leaves this field out, so browsers never see it; remove `browser`");
        }
        match right {
            GivenRight::Never if serde.flatten => Some(
                "the members of a flattened field cannot be distinguished from those of its \
                 owner, so they cannot be left out; remove `flatten`, or `never`",
            ),
            GivenRight::Never if item.is_untagged() => Some(
                "the JSON of an untagged enum does not name its variant, so its fields \
                 cannot be left out; give the enum a `tag`, or remove `never`",
            ),
            GivenRight::Never if item.converted => Some(
                "serde writes another type in the place of this one, so its fields cannot be \
                 left out; put `never` on the fields that hold this type",
            ),
            GivenRight::Never if item.transparent => Some(
                "serde writes this field instead of its owner, so nothing would remain \
                 without it; put `never` on the fields that hold this type",
            ),
            GivenRight::Never if !is_named => Some(
                "a field without a name cannot be left out, since the others are known by their \
                 positions; give it a name, or put `never` on the field that holds this type",
            ),
            GivenRight::Read | GivenRight::Write if *is_skipped => Some(
                "no path leads to a skipped field, so browsers cannot write it; remove `browser`",
            ),
            GivenRight::Write if serde.unread => Some(
                "serde does not read this field, so a write of it would be lost; remove `write`",
            ),
            _ => None,
        }
    }
}

fn unknown(word: &str) -> String {
    let words = WORDS.map(|(word, _)| word);
    match nearest(word, &words) {
        Some(near) => format!("unknown right `{word}`; did you mean `{near}`?"),
        None => format!("unknown right `{word}`; `browser` takes `read`, `write` and `never`"),
    }
}

impl ToTokens for GivenRight {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match self {
            Self::Never => quote!(Never),
            Self::Read => quote!(Read),
            Self::Write => quote!(Write),
        });
    }
}
