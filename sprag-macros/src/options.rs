//! The comma-separated options of an attribute, `#[model(leaf, rename = "x")]`.
//!
//! Each option is parsed alone, so that a mistake in one does not hide the others.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, LitStr, Meta, Path};

use crate::errors::Errors;
use crate::near::nearest;

/// One option: its name and its value.
pub(crate) struct Opt {
    pub(crate) name: Ident,
    pub(crate) value: OptValue,
}

/// The value of an option.
pub(crate) enum OptValue {
    /// `leaf`
    None,
    /// `rename = "x"`
    Equals(TokenStream),
    /// `patch_derive(Debug)`
    List(TokenStream),
}

impl Opt {
    /// The name as text, `crate` included.
    pub(crate) fn text(&self) -> String {
        self.name.to_string()
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// Reports the value of an option that takes none.
    pub(crate) fn expect_plain(&self, errors: &Errors) {
        if !matches!(self.value, OptValue::None) {
            let name = &self.name;
            errors.at(name, format!("`{name}` takes no value; write `{name}` alone"));
        }
    }

    /// The string in `name = "…"`.
    pub(crate) fn expect_string(&self, errors: &Errors) -> Option<LitStr> {
        self.expect_equals(errors, "a string", "\"…\"")
    }

    /// The `T` in `name = …`.
    pub(crate) fn expect_equals<T: Parse>(
        &self,
        errors: &Errors,
        what: &str,
        example: &str,
    ) -> Option<T> {
        let name = &self.name;
        let message = format!("`{name}` needs {what}; write `{name} = {example}`");
        let OptValue::Equals(tokens) = &self.value else {
            errors.at(name, message);
            return None;
        };
        let parsed = syn::parse2(tokens.clone()).ok();
        if parsed.is_none() {
            if tokens.is_empty() { errors.at(name, message) } else { errors.at(tokens, message) }
        }
        parsed
    }

    /// The path in `crate = …`.
    pub(crate) fn expect_path(&self, errors: &Errors) -> Option<Path> {
        // `crate` and `$crate` are allowed here.
        struct ModPath(Path);
        impl Parse for ModPath {
            fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
                Path::parse_mod_style(input).map(Self)
            }
        }
        self.expect_equals::<ModPath>(errors, "a path", "::my_sprag").map(|path| path.0)
    }

    /// Reports a name that is not in `known`.
    pub(crate) fn unknown(&self, errors: &Errors, what: &str, known: &[&str]) {
        let name = &self.name;
        let message = match nearest(&self.text(), known) {
            Some(near) => format!("unknown option `{name}`; did you mean `{near}`?"),
            None => format!("unknown option `{name}`; {what} takes {}", and_list(known)),
        };
        errors.at(name, message);
    }
}

/// "`a`, `b` and `c`".
fn and_list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, first)) => format!("{} and {last}", first.join(", ")),
        None => String::new(),
    }
}

/// The options of one item that were read so far, to report a second one of a name.
#[derive(Default)]
pub(crate) struct GivenOptions {
    names: Vec<Ident>,
}

/// The message for the second of two that may be written once.
pub(crate) fn given_twice(name: &impl std::fmt::Display) -> String {
    format!("`{name}` is given twice; write it once")
}

impl GivenOptions {
    /// Whether an option of this name was read.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|given| given == name)
    }

    /// Whether `option` is the first of its name; a later one is an error.
    pub(crate) fn is_first(&mut self, option: &Opt, errors: &Errors) -> bool {
        let name = &option.name;
        let is_first = !self.names.contains(name);
        if is_first {
            self.names.push(name.clone());
        } else {
            errors.at(name, given_twice(name));
        }
        is_first
    }
}

/// The options in one of our attributes.
pub(crate) fn options(attr: &Attribute, errors: &Errors, example: &str) -> Vec<Opt> {
    let Meta::List(list) = &attr.meta else {
        let name = attr.path().segments.last().map(|segment| segment.ident.to_string());
        let name = name.unwrap_or_default();
        errors.at(
            attr,
            format!("`{name}` needs options in parentheses; write `#[{name}({example})]`"),
        );
        return Vec::new();
    };
    split(list.tokens.clone()).into_iter().filter_map(|tokens| option(tokens, errors)).collect()
}

/// The options of another crate's attribute; those that do not parse are skipped.
pub(crate) fn foreign_options(attr: &Attribute) -> Vec<Opt> {
    let Meta::List(list) = &attr.meta else { return Vec::new() };
    nested_options(list.tokens.clone())
}

/// The options in `tokens`, without those that do not parse.
pub(crate) fn nested_options(tokens: TokenStream) -> Vec<Opt> {
    let errors = Errors::new();
    let options = split(tokens).into_iter().filter_map(|tokens| option(tokens, &errors)).collect();
    drop(errors.finish());
    options
}

/// The pieces between the commas.
pub(crate) fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = vec![Vec::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => pieces.push(Vec::new()),
            _ => pieces.last_mut().expect("there is always a piece").push(token),
        }
    }
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(TokenStream::from_iter).collect()
}

/// One option.
pub(crate) fn option(tokens: TokenStream, errors: &Errors) -> Option<Opt> {
    let mut rest = tokens.clone().into_iter();
    let Some(TokenTree::Ident(name)) = rest.next() else {
        errors.at(tokens, "an option starts with its name, as in `name = value`; write the name");
        return None;
    };
    let value = match rest.next() {
        None => OptValue::None,
        Some(TokenTree::Punct(punct)) if punct.as_char() == '=' => OptValue::Equals(rest.collect()),
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {
            OptValue::List(group.stream())
        }
        Some(other) => {
            errors
                .at(other, format!("unexpected token after `{name}`; separate options by commas"));
            return None;
        }
    };
    Some(Opt { name, value })
}
