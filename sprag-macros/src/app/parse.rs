//! Parses `pub Shop(MailCfg) { Mailer, Db as dyn Store }` entry by entry, so that a mistake
//! in one entry does not hide the others.

use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{
    Attribute, Generics, Ident, Path, Token, Type, TypeReference, Visibility, braced,
    parenthesized, token,
};

use super::included::{self, Included};
use super::slips;
use crate::errors::Errors;
use crate::options::given_twice;
use crate::service::{argument, as_listed, entries, last_segment};
use crate::tokens::text;

/// The parsed parts of an app.
pub(super) struct AppInput {
    pub(super) krate: Option<Path>,
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) name: Ident,
    /// The module of the app's type, for another app of a name that was seen before.
    pub(super) module: Option<Ident>,
    pub(super) values: Vec<Type>,
    pub(super) services: Vec<ServiceEntry>,
    /// The first included list whose names are not known yet.
    pub(super) unknown: Option<Path>,
}

/// `#[cfg(…)] Db as dyn Store`.
pub(super) struct ServiceEntry {
    pub(super) cfgs: Vec<Attribute>,
    /// The service as the user would write it.
    pub(super) name: String,
    pub(super) service: Type,
    pub(super) traits: Vec<Type>,
    /// The traits as the user would write them.
    pub(super) trait_names: Vec<String>,
}

impl AppInput {
    /// The path of the app's type.
    pub(super) fn ty(&self) -> TokenStream {
        let (name, module) = (&self.name, self.module.iter());
        let module = module.map(|module| quote_spanned!(name.span()=> #module::));
        quote!(#(#module)* #name)
    }

    pub(super) fn read(tokens: TokenStream, errors: &Errors) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| Self::parse(input, errors);
        parser.parse2(tokens)
    }

    fn parse(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Self> {
        let included = Included::parse(input)?;
        let krate = krate(input)?;
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let name = app_name(input, errors)?;
        let mut values = TokenStream::new();
        if input.peek(token::Paren) {
            let inside;
            parenthesized!(inside in input);
            values = inside.parse()?;
        }
        let services = services(input, &name, errors)?;
        let values =
            list::<ValueEntry>(values, errors, "a value's type, as in `Shop(MailCfg) { … }`");
        let values = values.into_iter().map(|(attrs, value)| {
            attrs.iter().for_each(|attr| errors.at(attr, slips::of_a_value(attr)));
            value.checked(errors)
        });
        let values = values.collect();
        let (services, unknown) = listed(services, &included, errors);
        let app = Self {
            krate,
            unknown,
            attrs,
            vis,
            values: without_doubles(values, errors, &name),
            services: Vec::new(),
            module: None,
            name,
        };
        Ok(app.with(services, errors))
    }

    /// Adds the services; one that is listed twice is an error.
    fn with(mut self, services: Vec<ServiceEntry>, errors: &Errors) -> Self {
        for entry in services {
            let service = &entry.name;
            if let Some(message) = entry.is_not_a_service() {
                errors.at(&entry.service, message);
                continue;
            }
            let is_same = |other: &ServiceEntry| other.name == *service && !entry.differs(other);
            if self.services.iter().any(is_same) {
                let message = format!(
                    "service `{service}` is listed twice in app `{}`; remove one, or distinguish \
                     two of a kind by a marker, as in `Db<Primary>`",
                    self.name
                );
                errors.at(&entry.service, message);
                continue;
            }
            self.services.push(entry.without_doubles(errors));
        }
        self
    }
}

/// The name with which an app starts.
fn app_name(input: ParseStream<'_>, errors: &Errors) -> syn::Result<Ident> {
    if input.peek(Token![struct]) || input.peek(Token![enum]) || input.peek(Token![mod]) {
        let word: TokenTree = input.parse()?;
        errors.at(&word, format!("an app starts with its name; remove `{word}`"));
    }
    let name: Ident = input.parse().map_err(|error: syn::Error| {
        let message = "an app starts with its name; write `app! { pub Shop { Mailer, Db } }`";
        syn::Error::new(error.span(), message)
    })?;
    if input.peek(Token![<]) {
        let generics: Generics = input.parse()?;
        let message = format!("an app cannot be generic; write `{name}` alone");
        errors.at(generics, message);
    }
    Ok(name)
}

/// The services in the braces, with those of included lists, and the first list whose names
/// are not known yet.
fn listed(
    tokens: TokenStream,
    included: &Included,
    errors: &Errors,
) -> (Vec<ServiceEntry>, Option<Path>) {
    let (mut services, mut unknown) = (Vec::new(), None);
    for tokens in entries(tokens) {
        let Some(path) = included::path(&tokens) else {
            let one = list::<ServiceEntry>(
                tokens,
                errors,
                "a service, as in `Mailer` or `Db as dyn Store`",
            );
            services.extend(one.into_iter().map(|(attrs, entry)| entry.with(attrs, errors)));
            continue;
        };
        match included.entries(&path) {
            Some(entries) => services.extend(entries),
            None => unknown = unknown.or(Some(path)),
        }
    }
    (services, unknown)
}

/// The tokens in the braces. An app without braces still gets its type, so that uses of the
/// type are not errors too.
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
        let message = slips::behind_the_braces(&rest, app);
        errors.at(rest, message);
    }
    Ok(services)
}

/// Whether `types` contains `ty` in the same spelling. The compiler finds the same type in
/// another spelling, as conflicting impls.
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

/// The entries between the commas; each entry that does not parse is one error.
fn list<T: Parse>(tokens: TokenStream, errors: &Errors, what: &str) -> Vec<(Vec<Attribute>, T)> {
    let read = |entry: TokenStream| {
        let (attrs, entry) = attributes(entry);
        let read = syn::parse2::<T>(entry.clone()).ok();
        if read.is_none() {
            let message = slips::of_an_entry(&entry)
                .unwrap_or_else(|| format!("this is not {what}; separate entries by commas"));
            errors.at(entry, message);
        }
        read.map(|read| (attrs, read))
    };
    entries(tokens).into_iter().filter_map(read).collect()
}

fn without_doubles(values: Vec<Type>, errors: &Errors, app: &Ident) -> Vec<Type> {
    let mut kept: Vec<Type> = Vec::new();
    for value in values {
        if holds(&kept, &value) {
            let value_text = text(&value);
            let message = format!(
                "app `{app}` has two values of type `{value_text}`, which a service could not \
                 distinguish; give one of them a type of its own"
            );
            errors.at(&value, message);
        } else {
            kept.push(value);
        }
    }
    kept
}

/// The attributes at the beginning of an entry, and the tokens after them.
fn attributes(entry: TokenStream) -> (Vec<Attribute>, TokenStream) {
    let parse = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        Ok((attrs, input.parse::<TokenStream>()?))
    };
    parse.parse2(entry.clone()).unwrap_or((Vec::new(), entry))
}

impl ServiceEntry {
    /// Takes the `#[cfg]`s from `attrs`; comments are allowed as well.
    fn with(mut self, attrs: Vec<Attribute>, errors: &Errors) -> Self {
        for attr in attrs {
            if attr.path().is_ident("cfg") {
                self.cfgs.push(attr);
            } else if !attr.path().is_ident("doc") {
                errors.at(attr, "an entry of `app!` takes only `#[cfg(…)]`; remove this");
            }
        }
        self
    }

    /// Keeps each trait once.
    fn without_doubles(mut self, errors: &Errors) -> Self {
        let (traits, names) =
            (std::mem::take(&mut self.traits), std::mem::take(&mut self.trait_names));
        for (role, name) in traits.into_iter().zip(names) {
            if self.trait_names.contains(&name) {
                errors.at(&role, given_twice(&name));
            } else {
                self.traits.push(role);
                self.trait_names.push(name);
            }
        }
        self
    }

    /// Why the type, in the user's spelling, cannot be a service of the app.
    fn is_not_a_service(&self) -> Option<String> {
        let service = &self.name;
        match &self.service {
            Type::TraitObject(_) => Some(format!(
                "an app lists services; write the one that provides the trait, as in `Db as {service}`"
            )),
            Type::Reference(reference) => Some(format!(
                "an app lists a service by its type; write `{}`",
                text(&reference.elem)
            )),
            ty if last_segment(ty).as_deref() == Some("Handle") => {
                let service = text(argument(ty)?);
                Some(format!("an app lists the service itself; write `{service}`"))
            }
            _ => None,
        }
    }

    /// Whether a `#[cfg]` can remove one of the two.
    fn differs(&self, other: &Self) -> bool {
        !self.cfgs.is_empty() || !other.cfgs.is_empty()
    }
}

/// The type of a value, and the name that a user has given it.
struct ValueEntry {
    name: Option<(Ident, Token![:])>,
    ty: Type,
}

impl ValueEntry {
    /// The type. A name, a borrow and a type without a size are errors; the app then has the
    /// type that the user most likely meant.
    fn checked(self, errors: &Errors) -> Type {
        let written = text(&self.ty);
        if let Some((name, _)) = &self.name {
            errors.at(name, format!("a value of an app has no name; write `{written}` alone"));
        }
        match self.ty {
            Type::Reference(TypeReference { lifetime: None, elem, and_token, .. }) => {
                let value = slips::owned(*elem);
                let span = and_token.span;
                let message = format!("an app owns its values; write `{}`", text(&value));
                errors.at_span(span, message);
                value
            }
            ty if slips::has_no_size(&ty) => {
                let value = slips::owned(ty.clone());
                let message = format!("a `{written}` has no size; write `{}`", text(&value));
                errors.at(&ty, message);
                value
            }
            ty => ty,
        }
    }
}

impl Parse for ValueEntry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is_named = input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]);
        let name = if is_named { Some((input.parse()?, input.parse()?)) } else { None };
        Ok(Self { name, ty: input.parse()? })
    }
}

impl Parse for ServiceEntry {
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
        let (name, trait_names) = (text(&service), traits.iter().map(text).collect());
        let service = as_listed(service);
        Ok(Self { cfgs: Vec::new(), name, service, traits, trait_names })
    }
}
