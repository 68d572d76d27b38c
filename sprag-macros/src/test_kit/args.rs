//! The options in `#[sprag::test(…)]`.

use proc_macro2::TokenStream;
use syn::{Expr, LitStr, Path};

use crate::errors::Errors;
use crate::options::{GivenOptions, Opt, option};
use crate::service::{entries, millis};

const KNOWN: &[&str] = &["app", "within", "paused", "unclean", "alone", "statics", "crate"];

/// The real time that a test may take, in milliseconds.
const LIMIT: u64 = 30_000;

/// The options of a test.
pub(super) struct TestArgs {
    pub(super) app: Option<Expr>,
    pub(super) limit: u64,
    pub(super) paused: bool,
    pub(super) unclean: bool,
    pub(super) alone: bool,
    pub(super) statics: bool,
    pub(super) krate: Option<Path>,
    /// Whether `app` was written, right or wrong.
    pub(super) names_app: bool,
}

impl TestArgs {
    pub(super) fn read(tokens: TokenStream, errors: &Errors) -> Self {
        let mut args = Self {
            app: None,
            limit: LIMIT,
            paused: false,
            unclean: false,
            alone: false,
            statics: false,
            krate: None,
            names_app: false,
        };
        let mut given = GivenOptions::default();
        for option in entries(tokens).into_iter().filter_map(|piece| option(piece, errors)) {
            if given.is_first(&option, errors) {
                args.option(&option, errors);
            }
        }
        args.names_app = given.has("app");
        args
    }

    fn option(&mut self, option: &Opt, errors: &Errors) {
        match option.text().as_str() {
            "app" => self.app = option.expect_equals(errors, "a start", "Hotel::start()"),
            "within" => self.limit = limit(option, errors),
            "paused" => {
                option.expect_plain(errors);
                self.paused = true;
            }
            "unclean" => {
                option.expect_plain(errors);
                self.unclean = true;
            }
            "alone" => {
                option.expect_plain(errors);
                self.alone = true;
            }
            "statics" => {
                option.expect_plain(errors);
                self.statics = true;
            }
            "crate" => self.krate = option.expect_path(errors),
            _ => option.unknown(errors, "`#[sprag::test]`", KNOWN),
        }
    }
}

fn limit(option: &Opt, errors: &Errors) -> u64 {
    let Some(text) = option.expect_equals::<LitStr>(errors, "a duration", "\"5s\"") else {
        return LIMIT;
    };
    let limit = millis(&text.value()).filter(|&limit| limit > 0);
    if limit.is_none() {
        errors.at(&text, "`within` needs a duration above zero; write `within = \"5s\"`");
    }
    limit.unwrap_or(LIMIT)
}
