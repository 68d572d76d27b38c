//! `pub Shop(MailCfg) { Mailer, Db as dyn Store }`, read entry by entry, so that a
//! mistake in one leaves the others standing.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Ident, Path, Token, Type, Visibility, braced, parenthesized, token};

use crate::errors::Errors;
use crate::service::entries;
use crate::tokens::text;

/// An app, as far as it could be read.
pub(super) struct App {
    pub(super) krate: Option<Path>,
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    pub(super) values: Vec<Type>,
    pub(super) services: Vec<Entry>,
}

/// `Db as dyn Store`.
pub(super) struct Entry {
    pub(super) service: Type,
    pub(super) traits: Vec<Type>,
}

impl App {
    pub(super) fn read(tokens: TokenStream, errors: &Errors) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| Self::parse(input, errors);
        parser.parse2(tokens)
    }

    fn parse(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Self> {
        let krate = krate(input)?;
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if input.peek(Token![struct]) || input.peek(Token![enum]) || input.peek(Token![mod]) {
            let word: TokenTree = input.parse()?;
            errors.at(&word, format!("an app starts with its name; remove `{word}`"));
        }
        let name: Ident = input.parse().map_err(|error: syn::Error| {
            let message = "an app starts with its name; write `app! { pub Shop { Mailer, Db } }`";
            syn::Error::new(error.span(), message)
        })?;
        let mut values = TokenStream::new();
        if input.peek(token::Paren) {
            let inside;
            parenthesized!(inside in input);
            values = inside.parse()?;
        }
        let services = services(input, &name, errors)?;
        let values = list(values, errors, "a value's type, as in `Shop(MailCfg) { … }`");
        let services = list(services, errors, "a service, as in `Mailer` or `Db as dyn Store`");
        let app = Self {
            krate,
            attrs,
            vis,
            values: without_doubles(values, errors, &name),
            services: Vec::new(),
            name,
        };
        Ok(app.with(services, errors))
    }

    /// Takes the services in, but those that are there already.
    fn with(mut self, services: Vec<Entry>, errors: &Errors) -> Self {
        for entry in services {
            let service = text(&entry.service);
            if self.services.iter().any(|other| text(&other.service) == service) {
                let message = format!(
                    "service `{service}` is listed twice in app `{}`; remove one, or tell two of a \
                     kind apart by a marker, as in `Db<Primary>`",
                    self.name
                );
                errors.at(&entry.service, message);
                continue;
            }
            let mut traits: Vec<Type> = Vec::new();
            for role in entry.traits {
                match self.services.iter().find(|other| holds(&other.traits, &role)) {
                    Some(other) => {
                        let (role_text, other) = (text(&role), text(&other.service));
                        let message = format!(
                            "both `{other}` and `{service}` stand for `{role_text}` in app `{}`; \
                             remove one `as {role_text}`",
                            self.name
                        );
                        errors.at(&role, message);
                    }
                    None if holds(&traits, &role) => {
                        errors.at(&role, "this is said twice; remove one");
                    }
                    None => traits.push(role),
                }
            }
            self.services.push(Entry { service: entry.service, traits });
        }
        self
    }
}

/// What stands in the braces. An app without them is one all the same, so that what
/// speaks of its type is no error too.
fn services(input: ParseStream<'_>, app: &Ident, errors: &Errors) -> syn::Result<TokenStream> {
    let mut services = TokenStream::new();
    if input.peek(token::Brace) {
        let inside;
        braced!(inside in input);
        services = inside.parse()?;
    } else {
        let message = format!("app `{app}` needs its services in braces; write `{app} {{ … }}`");
        errors.at(app, message);
        input.parse::<TokenStream>()?;
    }
    let rest: TokenStream = input.parse()?;
    if !rest.is_empty() {
        errors.at(rest, "one `app!` holds one app; write another `app!` for this one");
    }
    Ok(services)
}

/// Whether `ty`, as it is written, is among `types`. The same type in another
/// spelling is found by the compiler, as conflicting impls.
fn holds(types: &[Type], ty: &Type) -> bool {
    types.iter().any(|other| text(other) == text(ty))
}

/// `crate = path;`
fn krate(input: ParseStream<'_>) -> syn::Result<Option<Path>> {
    if !(input.peek(Token![crate]) && input.peek2(Token![=])) {
        return Ok(None);
    }
    input.parse::<Token![crate]>()?;
    input.parse::<Token![=]>()?;
    let path = Path::parse_mod_style(input)?;
    input.parse::<Token![;]>()?;
    Ok(Some(path))
}

/// The entries between the commas; each that cannot be read is one error.
fn list<T: Parse>(tokens: TokenStream, errors: &Errors, what: &str) -> Vec<T> {
    let read = |entry: TokenStream| {
        let parsed = syn::parse2::<T>(entry.clone()).ok();
        if parsed.is_none() {
            errors.at(entry, format!("this is not {what}; separate entries by commas"));
        }
        parsed
    };
    entries(tokens).into_iter().filter_map(read).collect()
}

fn without_doubles(values: Vec<Type>, errors: &Errors, app: &Ident) -> Vec<Type> {
    let mut kept: Vec<Type> = Vec::new();
    for value in values {
        if holds(&kept, &value) {
            let value_text = text(&value);
            let message = format!(
                "app `{app}` is given two `{value_text}`, and a service could not tell them apart; \
                 give one of them a type of its own"
            );
            errors.at(&value, message);
        } else {
            kept.push(value);
        }
    }
    kept
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let service = input.parse()?;
        let mut traits = Vec::new();
        while input.peek(Token![as]) {
            input.parse::<Token![as]>()?;
            let role: Type = input.parse()?;
            if !matches!(role, Type::TraitObject(_)) {
                return Err(syn::Error::new_spanned(role, "not a `dyn Trait`"));
            }
            traits.push(role);
        }
        Ok(Self { service, traits })
    }
}
