//! The expansion of `app!`: the app's type, its services and values, and the check of its
//! graph. Every token that an error can point at has the span of the entry that it comes
//! from.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::face::face;
use super::parse::{AppInput, ServiceEntry};
use super::places::{cast_name, casts, indices, provides};
use crate::tokens::{generated, spanned};

pub(super) fn app(app: &AppInput) -> TokenStream {
    let krate = app.krate.as_ref().map_or_else(|| quote!(::sprag), generated);
    let private = match &app.module {
        None => format_ident!("__sprag_for_{}", app.name.unraw()),
        Some(module) => format_ident!("{module}_crate"),
    };
    let private = private.into_token_stream();
    let face = face(app, &krate, &private);
    let aliases = aliases(app);
    let indices = indices(&app.services);
    let casts = casts(&app.services, &private);
    let provides = provides(app, &private);
    let given = app.values.iter().enumerate();
    let given = given.map(|(index, value)| given_value(app, index, value, &private));
    let application = application(app, &private);
    let check = check(app, &private);
    quote! {
        // The only mention of the crate, so that a wrong path is one error.
        use #krate::__private as #private;
        #face
        const _: () = {
            #aliases
            #indices
            #casts
            #application
            #provides
            #(#given)*
        };
        #check
    }
}

/// The aliases of the services, their traits and the values.
fn aliases(app: &AppInput) -> TokenStream {
    let services = app.services.iter().enumerate().map(|(index, entry)| {
        let (name, ty, cfgs) = (service_name(index, entry), &entry.service, &entry.cfgs);
        let roles = entry.traits.iter().enumerate().map(|(role, ty)| {
            let name = role_name(index, role, ty);
            quote!(#(#cfgs)* type #name = #ty;)
        });
        quote!(#(#cfgs)* type #name = #ty; #(#roles)*)
    });
    let values = app.values.iter().enumerate().map(|(index, ty)| {
        let name = value_name(index, ty);
        quote!(type #name = #ty;)
    });
    quote!(#(#services)* #(#values)*)
}

/// The alias of a listed service. Where its type is unknown, the alias is the only error.
pub(super) fn service_name(index: usize, entry: &ServiceEntry) -> Ident {
    format_ident!("__Service{index}", span = entry.service.span())
}

/// The alias of a trait that a service provides. The trait is written in one place, so
/// that an invalid trait causes one error.
pub(super) fn role_name(service: usize, role: usize, ty: &Type) -> Ident {
    format_ident!("__Role{service}_{role}", span = ty.span())
}

fn value_name(index: usize, value: &Type) -> Ident {
    format_ident!("__Value{index}", span = value.span())
}

fn application(app: &AppInput, private: &TokenStream) -> TokenStream {
    let (name, app_name) = (app.ty(), app.name.to_string());
    let nodes = app.services.iter().enumerate();
    let nodes = nodes.map(|(index, entry)| node(&name, index, entry, private));
    quote! {
        #[automatically_derived]
        impl #private::Application for #name {
            const __NAME: &'static ::core::primitive::str = #app_name;
            const __NODES: &'static [#private::ServiceNode] = &[#(#nodes),*];

            fn __from_app(__app: #private::App<Self>) -> Self {
                Self { __app }
            }

            fn __app(&self) -> &#private::App<Self> {
                &self.__app
            }
        }
    }
}

fn node(
    app: &TokenStream,
    index: usize,
    entry: &ServiceEntry,
    private: &TokenStream,
) -> TokenStream {
    let (cfgs, service_text) = (&entry.cfgs, &entry.name);
    let service = service_name(index, entry);
    let (app, private) = (at(app, &service), at(private, &service));
    let places = entry.places(index).enumerate().map(|(place, ty)| {
        let cast = cast_name(index, place);
        quote!(#private::Registration::of::<#ty>(#cast))
    });
    quote_spanned! {service.span()=>
        #(#cfgs)*
        #private::ServiceNode::of(
            #service_text,
            <#service as #private::Fits<#app>>::PARTS,
            || ::std::vec![#(#places),*],
        )
    }
}

fn given_value(app: &AppInput, index: usize, value: &Type, private: &TokenStream) -> TokenStream {
    let value = value_name(index, value);
    let (app, private) = (at(app.ty(), &value), at(private, &value));
    quote_spanned! {value.span()=>
        #[automatically_derived]
        impl #private::Given<#value> for #app {
            fn erase(__value: #value) -> #private::Value {
                #private::erase(__value)
            }
        }
    }
}

/// `tokens` with the span of their entry.
pub(super) fn at(tokens: impl ToTokens, entry: impl Spanned) -> TokenStream {
    spanned(&tokens.into_token_stream(), entry.span())
}

/// A free constant, since the compiler evaluates an associated one only where it is used.
fn check(app: &AppInput, private: &TokenStream) -> TokenStream {
    let (name, ty) = (&app.name, app.ty());
    let private = at(private, name);
    let nodes = quote_spanned!(name.span()=> <#ty as #private::Application>::__NODES);
    quote_spanned! {name.span()=>
        #[allow(long_running_const_eval, reason = "the graph of an app may be large")]
        const _: () = #private::acyclic::<{ #nodes.len() }, { #private::edge_count(#nodes) }>(#nodes);
    }
}
