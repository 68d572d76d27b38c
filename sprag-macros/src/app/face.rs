//! The app's public type: the struct and its constructors.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::{Ident, Path, Type, Visibility, parse_quote};

use super::parse::AppInput;
use crate::service::last_segment;
use crate::snake::snake;
use crate::tokens::generated;

pub(super) fn face(app: &AppInput, krate: &TokenStream, private: &TokenStream) -> TokenStream {
    let ty = match &app.module {
        None => ty(app, &app.vis, private),
        Some(module) => in_module(app, module, krate),
    };
    let constructors = constructors(app, private);
    let name = app.ty();
    quote! {
        #ty

        #constructors

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

/// The struct. Its tokens have the span of the app's name; otherwise messages about the app
/// would point at the whole macro.
fn ty(app: &AppInput, vis: &Visibility, private: &TokenStream) -> TokenStream {
    let AppInput { attrs, name, .. } = app;
    let field = app.module.as_ref().map(|_| quote!(pub(super)));
    let (keyword, fields) = (
        quote_spanned!(name.span()=> struct),
        quote_spanned!(name.span()=> { #field __app: #private::App<#name> }),
    );
    let doc = format!("The app `{name}`.");
    quote! {
        #[doc = #doc]
        #[must_use = "an app stops when it is dropped; keep it, or use `run_until`"]
        #(#attrs)*
        #vis #keyword #name #fields
    }
}

/// The struct in a module of its own, for another app of a name that was seen before. If
/// both are in one module, the name is the only error: the impls are those of two types.
fn in_module(app: &AppInput, module: &Ident, krate: &TokenStream) -> TokenStream {
    let (AppInput { vis, name, .. }, private) = (app, format_ident!("__sprag"));
    let path = app.krate.as_ref().map_or_else(|| krate.clone(), from_child);
    let (ty, public) = (ty(app, &parse_quote!(pub), &private.to_token_stream()), app.ty());
    let doc = format!("The app `{name}`.");
    let alias = quote_spanned!(name.span()=> type #name = #public;);
    quote! {
        #[doc(hidden)]
        #[allow(non_snake_case)]
        mod #module {
            use #path::__private as #private;
            #ty
        }

        #[doc = #doc]
        #vis #alias
    }
}

/// `path` as a child module writes it.
fn from_child(path: &Path) -> TokenStream {
    let mut segments = path.segments.iter().peekable();
    let is_self = segments.next_if(|first| first.ident == "self").is_some();
    let is_super = segments.peek().is_some_and(|first| first.ident == "super");
    let up = (is_self || is_super).then(|| quote!(super::));
    let leading = path.leading_colon;
    generated(quote!(#up #leading #(#segments)::*))
}

fn constructors(app: &AppInput, private: &TokenStream) -> TokenStream {
    let ty = app.ty();
    let (starts, run_until, graphs) =
        (starts(app, private), run_until(app, private), graphs(app, private));
    quote! {
        #[automatically_derived]
        #[allow(dead_code, clippy::too_many_arguments, reason = "users call what they need")]
        impl #ty {
            #starts
            #run_until
            #graphs
        }
    }
}

/// The builder with the values of the app, which are parameters of the names of their types.
fn new_builder(app: &AppInput, private: &TokenStream) -> TokenStream {
    let (values, names) = (&app.values, value_names(&app.values));
    quote! {
        #private::AppBuilder::<Self>::__new(
            ::std::vec![#(<Self as #private::Given<#values>>::erase(#names)),*]
        )
    }
}

fn starts(app: &AppInput, private: &TokenStream) -> TokenStream {
    let AppInput { vis, name, values, .. } = app;
    let (names, new) = (value_names(values), new_builder(app, private));
    let params = quote!(#(#names: #values),*);
    let start_doc = format!(
        "Starts `{name}` on the current tokio runtime.\n\n# Errors\n\nThe first failure of a \
         service, after every service that had started was stopped."
    );
    let run_doc = format!(
        "Runs `{name}` as a process until it stops: on a runtime of its own, with signals and \
         an exit code.\n\n# Panics\n\nInside a tokio runtime."
    );
    let builder_doc = format!("`{name}` before its start, to set limits, a bus or signals.");
    quote! {
        #[doc = #start_doc]
        #vis async fn start(#params) -> ::core::result::Result<Self, #private::StartError> {
            #new.start().await
        }

        #[doc = #run_doc]
        #vis fn run(#params) -> ::std::process::ExitCode {
            #new.run()
        }

        #[doc = #builder_doc]
        #vis fn builder(#params) -> #private::AppBuilder<Self> {
            #new
        }
    }
}

fn run_until(app: &AppInput, private: &TokenStream) -> TokenStream {
    let AppInput { vis, name, values, .. } = app;
    let (names, new) = (value_names(values), new_builder(app, private));
    let doc = format!(
        "Starts `{name}`, awaits `body`, and stops `{name}` on every way out: when `body` \
         returns, fails or panics.\n\n# Errors\n\nThe same as for `start`. The result has the \
         value that `body` returns and the report of the stop."
    );
    quote! {
        #[doc = #doc]
        #vis async fn run_until<__R>(
            #(#names: #values,)*
            body: impl ::core::ops::AsyncFnOnce(&Self) -> __R,
        ) -> ::core::result::Result<(__R, #private::StopReport), #private::StartError> {
            #new.run_until(body).await
        }
    }
}

fn graphs(app: &AppInput, private: &TokenStream) -> TokenStream {
    let AppInput { vis, name, .. } = app;
    let mermaid_doc = format!(
        "The graph of `{name}` in the language of Mermaid. An arrow leads to a dependency, a \
         dotted one to a service of `wants`."
    );
    let dot_doc = format!(
        "The graph of `{name}` in the language of Graphviz. An arrow leads to a dependency, a \
         dashed one to a service of `wants`."
    );
    quote! {
        #[doc = #mermaid_doc]
        #vis fn mermaid() -> ::std::string::String {
            #private::mermaid::<Self>()
        }

        #[doc = #dot_doc]
        #vis fn dot() -> ::std::string::String {
            #private::dot::<Self>()
        }
    }
}

/// `mail_cfg` for `MailCfg`; a number where two names would be equal.
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
