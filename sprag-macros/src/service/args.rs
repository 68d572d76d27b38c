//! The options in `#[service(…)]`.

use std::collections::HashSet;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{GenericArgument, Member, Path, PathArguments, Token, Type};

use super::failure::OnFailureOption;
use crate::errors::Errors;
use crate::options::{GivenOptions, Opt, OptValue, option, split};
use crate::tokens::text;

const KNOWN: &[&str] = &["own", "depends_on", "wants", "restart", "on_failure", "crate"];

/// The options of a service.
#[derive(Default)]
pub(crate) struct ServiceArgs {
    pub(crate) own: Vec<Field>,
    pub(crate) depends_on: Vec<Type>,
    pub(crate) wants: Vec<Type>,
    pub(crate) on_failure: Option<OnFailureOption>,
    pub(crate) krate: Option<Path>,
}

/// A field, or a field of a field: `library.drives`.
pub(crate) struct Field {
    pub(crate) members: Punctuated<Member, Token![.]>,
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Punctuated::parse_separated_nonempty(input).map(|members| Self { members })
    }
}

impl ToTokens for Field {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.members.to_tokens(tokens);
    }
}

impl ServiceArgs {
    pub(crate) fn read(tokens: TokenStream, errors: &Errors) -> Self {
        let mut args = Self::default();
        let mut given = GivenOptions::default();
        for option in split(tokens).into_iter().filter_map(|piece| option(piece, errors)) {
            if given.is_first(&option, errors) {
                args.option(&option, errors);
            }
        }
        twice(&args, errors);
        args
    }

    fn option(&mut self, option: &Opt, errors: &Errors) {
        match option.text().as_str() {
            "own" => self.own = own(option, errors),
            "depends_on" => self.depends_on = services(option, errors, "depends_on(Database)"),
            "wants" => self.wants = services(option, errors, "wants(Metrics)"),
            "restart" | "on_failure" if self.on_failure.is_some() => {
                let name = &option.name;
                errors.at(name, "`restart` and `on_failure` are one rule; write one of them");
            }
            "restart" => self.on_failure = OnFailureOption::restart(option, errors),
            "on_failure" => self.on_failure = OnFailureOption::rule(option, errors),
            "crate" => self.krate = option.expect_path(errors),
            _ => option.unknown(errors, "`#[service]`", KNOWN),
        }
    }
}

/// The fields in `own(…)`. A field that is listed twice would be released twice.
fn own(option: &Opt, errors: &Errors) -> Vec<Field> {
    let mut seen = HashSet::new();
    let mut fields: Vec<Field> = list(option, errors, "a field's name", "own(playback)");
    fields.retain(|field| {
        let name = text(field);
        let is_first = seen.insert(name.clone());
        if !is_first {
            errors.at(field, format!("`own` names `{name}` twice; remove this one"));
        }
        is_first
    });
    fields
}

/// Reports a service that `#[service]` names twice. One service cannot be both needed and
/// wanted.
fn twice(args: &ServiceArgs, errors: &Errors) {
    let mut seen: Vec<String> = Vec::new();
    for service in args.depends_on.iter().chain(&args.wants) {
        let name = text(service);
        if seen.contains(&name) {
            errors.at(service, format!("`#[service]` names `{name}` twice; remove this one"));
        } else {
            seen.push(name);
        }
    }
}

/// The services in `depends_on(…)` or `wants(…)`. A `Handle<Db>` is reported here, since
/// `app!` would report it as a missing service.
fn services(option: &Opt, errors: &Errors, example: &str) -> Vec<Type> {
    let mut services: Vec<Type> = list(option, errors, "a service's type", example);
    services.retain(|service| {
        let held = behind_handle(service);
        if let Some(held) = held {
            let (name, held) = (&option.name, text(held));
            errors.at(service, format!("`{name}` takes the service itself; write `{held}`"));
        }
        held.is_none()
    });
    services
}

/// The `Db` of `Handle<Db>`.
fn behind_handle(ty: &Type) -> Option<&GenericArgument> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Handle")?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments.args.first(),
        _ => None,
    }
}

/// The entries of `name(…)`; each one that does not parse is one error.
fn list<T: Parse>(option: &Opt, errors: &Errors, what: &str, example: &str) -> Vec<T> {
    let name = &option.name;
    let OptValue::List(tokens) = &option.value else {
        errors.at(name, format!("`{name}` needs its entries in parentheses; write `{example}`"));
        return Vec::new();
    };
    let entry = |tokens: TokenStream| {
        let parsed = syn::parse2::<T>(tokens.clone()).ok();
        if parsed.is_none() {
            errors.at(tokens, format!("`{name}` takes {what} here; write `{example}`"));
        }
        parsed
    };
    entries(tokens.clone()).into_iter().filter_map(entry).collect()
}

/// The pieces between the commas outside angle brackets: `Pool<Key, Value>` is one piece.
pub(crate) fn entries(tokens: TokenStream) -> Vec<TokenStream> {
    let (mut entries, mut depth) = (vec![TokenStream::new()], 0_usize);
    let mut before = ' ';
    for token in tokens {
        let punct = match &token {
            proc_macro2::TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match punct {
            '<' => depth += 1,
            // The `>` of `->` is not a closing bracket.
            '>' if before != '-' => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = punct;
        if punct == ',' && depth == 0 {
            entries.push(TokenStream::new());
        } else if let Some(entry) = entries.last_mut() {
            entry.extend([token]);
        }
    }
    entries.into_iter().filter(|entry| !entry.is_empty()).collect()
}
