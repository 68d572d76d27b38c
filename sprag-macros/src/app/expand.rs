//! What `app!` writes: the app's type, what it provides, and the check of its
//! graph. Every token that can be at fault carries the span of the entry it is for.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned;
use syn::{Ident, Type};

use super::parse::{App, Entry};
use crate::service::last_segment;
use crate::snake::snake;
use crate::tokens::{generated, spanned, text};

pub(super) fn app(app: &App) -> TokenStream {
    let krate = app.krate.as_ref().map_or_else(|| quote!(::sprag), generated);
    let private = format_ident!("__sprag_for_{}", app.name.unraw()).into_token_stream();
    let ty = ty(app, &private);
    let services = app.services.iter().enumerate();
    let services = services.map(|(index, entry)| provides(&app.name, index, entry, &private));
    let values = app.values.iter().enumerate();
    let values = values.map(|(index, value)| given(&app.name, index, value, &private));
    let services_named = app.services.iter().map(|entry| &entry.service).enumerate();
    let named = services_named.map(|(index, ty)| alias("Service", index, ty));
    let named = named.chain(app.values.iter().enumerate().map(|(i, ty)| alias("Value", i, ty)));
    let named = named.map(|(name, ty)| quote!(type #name = #ty;));
    let application = application(app, &private);
    let check = check(app, &private);
    quote! {
        // The one mention of the crate, so that a wrong one is one error.
        use #krate::__private as #private;
        #ty
        const _: () = {
            #(#named)*
            #application
            #(#services)*
            #(#values)*
        };
        #check
    }
}

/// A name for a type of the list. What stands for it in the impls is an error once, where
/// it is unknown, and in the compiler's simplest words.
fn alias<'a>(kind: &str, index: usize, ty: &'a Type) -> (Ident, &'a Type) {
    (format_ident!("__{kind}{index}", span = ty.span()), ty)
}

/// The type with its constructors.
fn ty(app: &App, private: &TokenStream) -> TokenStream {
    let App { attrs, vis, name, values, .. } = app;
    let names: Vec<Ident> = value_names(values);
    let params = quote!(#(#names: #values),*);
    // At the name, or messages about the app point at all of the macro's text.
    let (keyword, fields) = (
        quote_spanned!(name.span()=> struct),
        quote_spanned!(name.span()=> { __app: #private::App<#name> }),
    );
    let (app_doc, start_doc) = (
        format!("The app `{name}`."),
        format!(
            "Starts `{name}` on the present tokio runtime.\n\n# Errors\n\nThe first failure of a \
             service, after all that had started was stopped."
        ),
    );
    let run_doc = format!(
        "Runs `{name}` to its end as a process: on a runtime of its own, with signals, with the \
         exit code.\n\n# Panics\n\nInside a tokio runtime."
    );
    let builder_doc = format!("`{name}` before its start, to set limits, a bus or signals.");
    quote! {
        #[doc = #app_doc]
        #(#attrs)*
        #vis #keyword #name #fields

        #[automatically_derived]
        #[allow(dead_code, clippy::too_many_arguments, reason = "users call what they need")]
        impl #name {
            #[doc = #start_doc]
            #vis async fn start(
                #params
            ) -> ::core::result::Result<Self, #private::StartError> {
                Self::builder(#(#names),*).start().await
            }

            #[doc = #run_doc]
            #vis fn run(#params) -> ::std::process::ExitCode {
                Self::builder(#(#names),*).run()
            }

            #[doc = #builder_doc]
            #vis fn builder(#params) -> #private::AppBuilder<Self> {
                #private::AppBuilder::__new(::std::vec![#(::std::sync::Arc::new(#names)),*])
            }
        }

        #[automatically_derived]
        impl ::core::ops::Deref for #name {
            type Target = #private::App<#name>;

            fn deref(&self) -> &Self::Target {
                &self.__app
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.__app, f)
            }
        }
    }
}

/// `MailCfg` as `mail_cfg`, where no two are alike.
fn value_names(values: &[Type]) -> Vec<Ident> {
    let name = |value: &Type| last_segment(value).map(|name| snake(&name)).unwrap_or_default();
    let names: Vec<String> = values.iter().map(name).collect();
    let numbered = names.iter().enumerate().map(|(n, name)| {
        let clear = names.iter().filter(|other| *other == name).count() == 1;
        match syn::parse_str::<Ident>(name) {
            Ok(ident) if clear => ident,
            _ => format_ident!("value_{n}"),
        }
    });
    numbered.collect()
}

fn application(app: &App, private: &TokenStream) -> TokenStream {
    let App { name, services, .. } = app;
    let app_name = name.to_string();
    let nodes = services.iter().enumerate().map(|(index, Entry { service, traits })| {
        let service_name = text(service);
        let (service, _) = alias("Service", index, service);
        let (name, private) = (at(name, &service), at(private, &service));
        quote_spanned! {service.span()=>
            #private::Node::of(
                #service_name,
                <#service as #private::Fits<#name>>::PARTS,
                || ::std::vec![
                    ::core::any::TypeId::of::<#service>(),
                    #(::core::any::TypeId::of::<#traits>(),)*
                ],
            )
        }
    });
    quote! {
        #[automatically_derived]
        impl #private::Application for #name {
            const __NAME: &'static ::core::primitive::str = #app_name;
            const __NODES: &'static [#private::Node] = &[#(#nodes),*];

            fn __from_app(__app: #private::App<Self>) -> Self {
                Self { __app }
            }

            fn __app(&self) -> &#private::App<Self> {
                &self.__app
            }
        }
    }
}

/// The service under its own type and under those of its traits.
fn provides(app: &Ident, index: usize, entry: &Entry, private: &TokenStream) -> TokenStream {
    let (service, _) = alias("Service", index, &entry.service);
    let traits = entry.traits.iter().map(ToTokens::to_token_stream);
    let places = std::iter::once(service.to_token_stream()).chain(traits).map(|place| {
        let (app, private) = (at(app, &place), at(private, &place));
        quote_spanned! {place.span()=>
            #[automatically_derived]
            impl #private::Provides<#place> for #app {
                const INDEX: ::core::primitive::usize = #index;
                const CAST: #private::Cast<#place> = |__instance| __instance.get::<#service>();
            }
        }
    });
    quote!(#(#places)*)
}

fn given(app: &Ident, index: usize, value: &Type, private: &TokenStream) -> TokenStream {
    let (value, _) = alias("Value", index, value);
    let (app, private) = (at(app, &value), at(private, &value));
    quote_spanned! {value.span()=>
        #[automatically_derived]
        impl #private::Given<#value> for #app {
            const INDEX: ::core::primitive::usize = #index;
        }
    }
}

/// `tokens` at the place of the entry that they are for.
fn at(tokens: impl ToTokens, entry: impl Spanned) -> TokenStream {
    spanned(&tokens.into_token_stream(), entry.span())
}

/// A free constant, since an associated one is never evaluated unless it is used.
fn check(app: &App, private: &TokenStream) -> TokenStream {
    let (name, count) = (&app.name, app.services.len());
    let private = at(private, name);
    quote_spanned! {name.span()=>
        const _: () = #private::acyclic::<#count>(<#name as #private::Application>::__NODES);
    }
}
