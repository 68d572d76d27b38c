//! The types that lead to an app's services: a service's own type, and its traits.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, Ident, Meta, Type};

use super::expand::{at, role_name, service_name};
use super::parse::{AppInput, ServiceEntry};

impl ServiceEntry {
    /// The aliases of the types that lead to the service of index `at`.
    pub(super) fn places(&self, at: usize) -> impl Iterator<Item = Ident> {
        let roles = self.traits.iter().enumerate();
        let roles = roles.map(move |(role, ty)| role_name(at, role, ty));
        std::iter::once(service_name(at, self)).chain(roles)
    }
}

/// The constant with the function that turns a service into one of its places.
pub(super) fn cast_name(service: usize, place: usize) -> Ident {
    format_ident!("__CAST_{service}_{place}")
}

/// The constants of `cast_name`. A trait that a service does not implement is an error
/// here.
pub(super) fn casts(services: &[ServiceEntry], private: &TokenStream) -> TokenStream {
    let casts = services.iter().enumerate().flat_map(|(index, entry)| {
        let (service, cfgs) = (service_name(index, entry), &entry.cfgs);
        let casts = entry.places(index).enumerate().map(move |(place, ty)| {
            let (name, private) = (cast_name(index, place), at(private, &ty));
            quote_spanned! {ty.span()=>
                #(#cfgs)*
                const #name: #private::Cast<#ty> = |__instance| __instance.get::<#service>();
            }
        });
        casts.collect::<Vec<_>>()
    });
    casts.collect()
}

/// The constant with the index of a service among those that no `#[cfg]` removes.
pub(super) fn index_name(service: usize) -> Ident {
    format_ident!("__INDEX_{service}")
}

/// The constants of `index_name`.
pub(super) fn indices(services: &[ServiceEntry]) -> TokenStream {
    let mut before = quote!(0);
    let indices = services.iter().enumerate().map(|(at, ServiceEntry { cfgs, .. })| {
        let name = index_name(at);
        let index = quote!(const #name: ::core::primitive::usize = #before;);
        before = if cfgs.is_empty() {
            quote!(#name + 1)
        } else {
            quote!(#name + { const HERE: &[()] = &[#(#cfgs)* ()]; HERE.len() })
        };
        index
    });
    indices.collect()
}

/// The impls of `Provides`: one for each service, one for each trait.
pub(super) fn provides(app: &AppInput, private: &TokenStream) -> TokenStream {
    let services = app.services.iter().enumerate().map(|(index, entry)| {
        let (service, cfgs) = (service_name(index, entry), &entry.cfgs);
        let (position, cast) = (index_name(index), cast_name(index, 0));
        let consts = Consts { index: quote!(#position), edge: None, cast: quote!(#cast) };
        provide(app, &service.to_token_stream(), &quote!(#(#cfgs)*), &consts, private)
    });
    let roles = roles(&app.services).into_iter().map(|role| role.provide(app, private));
    services.chain(roles).collect()
}

/// The constants of an impl of `Provides`.
struct Consts {
    index: TokenStream,
    edge: Option<TokenStream>,
    cast: TokenStream,
}

fn provide(
    app: &AppInput,
    place: &TokenStream,
    cfgs: &TokenStream,
    consts: &Consts,
    private: &TokenStream,
) -> TokenStream {
    let Consts { index, edge, cast } = consts;
    let (app, private) = (at(app.ty(), place), at(private, place));
    let edge = edge.iter().map(|edge| quote!(const EDGE: #private::Edges = #edge;));
    quote_spanned! {place.span()=>
        #cfgs
        #[automatically_derived]
        impl #private::Provides<#place> for #app {
            const INDEX: ::core::primitive::usize = #index;
            #(#edge)*
            const CAST: #private::Cast<#place> = #cast;
        }
    }
}

/// A trait, and the services that are listed as it.
struct ServiceRole<'a> {
    name: &'a str,
    ty: &'a Type,
    /// Each service with its index, and the index of the trait among its places.
    services: Vec<(usize, usize, &'a ServiceEntry)>,
}

fn roles(services: &[ServiceEntry]) -> Vec<ServiceRole<'_>> {
    let mut roles: Vec<ServiceRole<'_>> = Vec::new();
    for (index, entry) in services.iter().enumerate() {
        for (place, (ty, name)) in entry.traits.iter().zip(&entry.trait_names).enumerate() {
            let service = (index, place + 1, entry);
            match roles.iter_mut().find(|role| role.name == name) {
                Some(role) => role.services.push(service),
                None => roles.push(ServiceRole { name, ty, services: vec![service] }),
            }
        }
    }
    roles
}

impl ServiceRole<'_> {
    /// Two services for one trait are an error only if a service takes a single handle.
    fn provide(&self, app: &AppInput, private: &TokenStream) -> TokenStream {
        let cfgs = any(self.services.iter().map(|(_, _, entry)| entry.cfgs.as_slice()));
        let (service, position, _) = self.services[0];
        if self.services.len() == 1 {
            let place = role_name(service, position - 1, self.ty).to_token_stream();
            return provide(app, &place, &cfgs, &self.consts(app, private), private);
        }
        let (place, ty) =
            (format_ident!("__Trait{service}_{position}", span = self.ty.span()), self.ty);
        let place = place.to_token_stream();
        let impl_ = provide(app, &place, &cfgs, &self.consts(app, &at(private, &place)), private);
        quote!(#cfgs type #place = #ty; #impl_)
    }

    fn consts(&self, app: &AppInput, private: &TokenStream) -> Consts {
        if let [(index, position, _)] = self.services.as_slice() {
            let (index, cast) = (index_name(*index), cast_name(*index, *position));
            return Consts { index: quote!(#index), edge: None, cast: quote!(#cast) };
        }
        let message = self.message(app);
        let indices = self.services.iter().map(|(index, _, ServiceEntry { cfgs, .. })| {
            let index = index_name(*index);
            quote!(#(#cfgs)* #index)
        });
        let casts = self.services.iter().map(|(index, position, ServiceEntry { cfgs, .. })| {
            let cast = cast_name(*index, *position);
            quote!(#(#cfgs)* #cast)
        });
        let indices = quote!(&[#(#indices),*]);
        Consts {
            index: quote!(#private::only(#indices, #message)),
            edge: Some(quote!(#private::only_edge(#indices, #message))),
            cast: quote!([#(#casts),*][0]),
        }
    }

    fn message(&self, app: &AppInput) -> String {
        let names = self.services.iter().map(|(_, _, entry)| format!("`{}`", entry.name));
        let (names, role) = (names.collect::<Vec<_>>().join(" and "), self.name);
        format!(
            "{names} are listed as `{role}` in app `{}`; take `Vec<Handle<{role}>>`, or remove one \
             `as {role}`",
            app.name
        )
    }
}

/// The `#[cfg]` of an item that exists if one of several entries does; empty if one entry
/// always exists.
fn any<'a>(entries: impl Iterator<Item = &'a [Attribute]>) -> TokenStream {
    let predicates = entries.map(|cfgs| match cfgs {
        [] => None,
        cfgs => Some(all(cfgs)),
    });
    match predicates.collect::<Option<Vec<_>>>() {
        Some(predicates) => quote!(#[cfg(any(#(#predicates),*))]),
        None => TokenStream::new(),
    }
}

/// The predicate of several `#[cfg]`s.
pub(crate) fn all(cfgs: &[Attribute]) -> TokenStream {
    let predicates = cfgs.iter().map(|cfg| match &cfg.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    });
    quote!(all(#(#predicates),*))
}
