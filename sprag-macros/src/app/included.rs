//! Lists of services that a library offers with `services!` and an app includes with
//! `..Storage`.
//!
//! A list is a module and a macro of one name. The module has an alias for each service and
//! each trait. The macro passes the names to `app!`, which starts again with them. A type
//! with associated types would not do: when the compiler compares impls, it does not
//! resolve the associated types of another crate.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{LitStr, Path, Token, Type, Visibility, bracketed, parenthesized, parse_quote_spanned};

use super::parse::{AppInput, ServiceEntry};
use crate::errors::Errors;
use crate::tokens::text;

/// The lists whose names are known, as they precede an app: `@ (storage::Storage)
/// [("Db")]`.
#[derive(Default)]
pub(super) struct Included {
    lists: Vec<(String, Vec<NamedService>)>,
}

/// The name of a service, and the names of its traits.
struct NamedService {
    service: String,
    traits: Vec<String>,
}

impl Included {
    pub(super) fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut lists = Vec::new();
        while input.peek(Token![@]) {
            input.parse::<Token![@]>()?;
            let (path, list);
            parenthesized!(path in input);
            bracketed!(list in input);
            let path = text(path.parse::<TokenStream>()?);
            let mut services = Vec::new();
            while !list.is_empty() {
                services.push(list.parse()?);
            }
            lists.push((path, services));
        }
        Ok(Self { lists })
    }

    /// The entries of the list at `path`; `None` if its names are not known yet.
    pub(super) fn entries(&self, path: &Path) -> Option<Vec<ServiceEntry>> {
        let (_, list) = self.lists.iter().find(|(known, _)| *known == text(path))?;
        let entry = |(at, named): (usize, &NamedService)| {
            let span = path.span();
            let role = |role: usize| {
                let role = spanned(&role_name(at, role), span);
                parse_quote_spanned!(span=> #path::#role)
            };
            let service = spanned(&service_name(at), span);
            ServiceEntry {
                cfgs: Vec::new(),
                name: named.service.clone(),
                service: parse_quote_spanned!(span=> #path::#service),
                traits: (0..named.traits.len()).map(role).collect(),
                trait_names: named.traits.clone(),
            }
        };
        Some(list.iter().enumerate().map(entry).collect())
    }
}

impl Parse for NamedService {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let names;
        parenthesized!(names in input);
        let service = names.parse::<LitStr>()?.value();
        let mut traits = Vec::new();
        while !names.is_empty() {
            traits.push(names.parse::<LitStr>()?.value());
        }
        Ok(Self { service, traits })
    }
}

/// Has the list at `path` pass its names to `app!`, together with `tokens`, the input of
/// `app!`.
pub(super) fn ask(path: &Path, krate: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let span = path.span();
    quote_spanned!(span=> #path! { [#krate::app] (#path) #tokens })
}

/// The path of `..storage::Storage`.
pub(super) fn path(entry: &TokenStream) -> Option<Path> {
    let parse = |input: ParseStream<'_>| {
        input.parse::<Token![..]>()?;
        Path::parse_mod_style(input)
    };
    parse.parse2(entry.clone()).ok()
}

/// The expansion of `services!`.
pub(crate) fn expand_services(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let list = errors.ok(AppInput::read(tokens, &errors));
    let expanded = list.map(|list| {
        check(&list, &errors);
        expand(&list)
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}

fn check(list: &AppInput, errors: &Errors) {
    for value in &list.values {
        errors.at(
            value,
            "`services!` takes no values; give this one to the app that includes the list",
        );
    }
    for cfg in list.services.iter().flat_map(|entry| &entry.cfgs) {
        errors.at(cfg, "an entry of `services!` takes no `#[cfg(…)]`; write two lists");
    }
    if let Some(path) = &list.unknown {
        errors.at(path, "a list cannot include another one; let the app include both");
    }
}

/// The aliases of the services and their traits: outside the module, inside, and the type.
fn places(list: &AppInput) -> Vec<(Ident, Ident, &Type)> {
    let places = list.services.iter().enumerate().flat_map(|(at, entry)| {
        let roles =
            entry.traits.iter().enumerate().map(move |(role, ty)| (role_name(at, role), ty));
        std::iter::once((service_name(at), &entry.service)).chain(roles)
    });
    let name = list.name.unraw();
    places.map(|(place, ty)| (format_ident!("__{name}_{place}"), place, ty)).collect()
}

fn expand(list: &AppInput) -> TokenStream {
    let AppInput { attrs, vis, name, .. } = list;
    let places = places(list);
    let outer = places.iter().map(|(outer, _, ty)| quote!(type #outer = #ty;));
    let inner = places
        .iter()
        .map(|(outer, place, _)| quote!(#[doc(hidden)] pub type #place = super::#outer;));
    let names = list
        .services
        .iter()
        .map(|ServiceEntry { name, trait_names, .. }| quote!((#name #(#trait_names)*)));
    let by_name = format_ident!("__sprag_services_{}", name.unraw());
    let export = matches!(vis, Visibility::Public(_)).then(|| quote!(#[macro_export]));
    let doc = format!("The services of `{name}`: `..{name}` in `app!` includes them.");
    quote! {
        // Outside the module, where the user's paths resolve.
        #(#[allow(non_camel_case_types)] #outer)*

        #[doc = #doc]
        #(#attrs)*
        #[allow(non_snake_case, private_interfaces)]
        #vis mod #name {
            #(#inner)*
        }

        #[doc(hidden)]
        #export
        macro_rules! #by_name {
            ([$($callback:tt)*] ($($path:tt)*) $($rest:tt)*) => {
                $($callback)*! { @ ($($path)*) [#(#names)*] $($rest)* }
            };
        }

        #[doc(hidden)]
        #[allow(unused_imports, reason = "for `app!`")]
        #vis use #by_name as #name;
    }
}

fn spanned(name: &Ident, span: Span) -> Ident {
    Ident::new(&name.to_string(), span)
}

fn service_name(at: usize) -> Ident {
    format_ident!("Service{at}")
}

fn role_name(service: usize, role: usize) -> Ident {
    format_ident!("Service{service}As{role}")
}
