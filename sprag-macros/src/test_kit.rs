//! `#[sprag::test]`: parse, check, expand.

mod args;
mod params;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Attribute, ItemFn, ReturnType};

use crate::errors::Errors;
use crate::tokens::generated;
use args::TestArgs;
use params::TestParam;

/// A test for the test harness around the user's function, or the function and every
/// mistake in it.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let args = TestArgs::read(args, &errors);
    let Ok(item) = syn::parse2::<ItemFn>(tokens.clone()) else {
        let message = "`#[sprag::test]` goes on an `async fn`; move it there";
        errors.at_span(Span::call_site(), message);
        let errors = errors.finish();
        return quote!(#tokens #errors);
    };
    check(&item, &errors);
    let params = params::read(&item.sig, &args, &errors);
    let mistakes = errors.finish();
    if !mistakes.is_empty() {
        return quote!(#item #mistakes);
    }
    test(&item, &args, &params)
}

fn check(item: &ItemFn, errors: &Errors) {
    let (sig, name) = (&item.sig, &item.sig.ident);
    if sig.asyncness.is_none() {
        let message = format!("`#[sprag::test]` runs an async function; write `async fn {name}`");
        errors.at(sig.fn_token, message);
    }
    if !sig.generics.params.is_empty() {
        errors.at(&sig.generics, "a test is not generic; remove the parameters");
    }
    for attribute in item.attrs.iter().filter(|attribute| is_test(attribute)) {
        errors.at(attribute, "`#[sprag::test]` makes the test; remove this attribute");
    }
}

/// Whether the attribute is `#[test]`, `#[tokio::test]` or the like.
fn is_test(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "test")
}

fn test(item: &ItemFn, args: &TestArgs, params: &[TestParam]) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = item;
    let name = &sig.ident;
    let krate = args.krate.as_ref().map_or_else(|| quote!(::sprag), generated);
    let private = quote!(#krate::__private);
    let (limit, text) = (args.limit, name.to_string());
    let clock = if args.paused { quote!(Paused) } else { quote!(Real) };
    let end = if args.unclean { quote!(Unclean) } else { quote!(Clean) };
    let states = if args.statics { quote!(Kept) } else { quote!(Dropped) };
    let process = if args.alone { quote!(Own) } else { quote!(Shared) };
    let body = body(name, args, params);
    let run = quote! {
        #private::run_test(
            #private::TestSettings {
                name: ::core::concat!(::core::module_path!(), "::", #text),
                limit: ::core::time::Duration::from_millis(#limit),
                clock: #private::TestClock::#clock,
                end: #private::TestEnd::#end,
                process: #private::TestProcess::#process,
                states: #private::TestStates::#states,
            },
            async |__kit: &#private::TestKit| { #body },
        )
    };
    let whole = match sig.output {
        ReturnType::Default => quote!(fn #name() { #sig #block let _success = #run; }),
        ReturnType::Type(..) => {
            quote!(fn #name() -> ::std::process::ExitCode { #sig #block #run })
        }
    };
    quote! {
        #[::core::prelude::v1::test]
        #(#attrs)*
        #vis #whole
    }
}

/// Starts the app, calls the user's function, stops the app unless the function owns it.
fn body(name: &syn::Ident, args: &TestArgs, params: &[TestParam]) -> TokenStream {
    let start = args.app.as_ref().map(|app| quote!(let __app = __kit.start(#app).await;));
    let owned = params.iter().any(|param| matches!(param, TestParam::App));
    let stop = (start.is_some() && !owned).then(|| quote!(__kit.stop(&__app).await;));
    quote! {
        #start
        let __result = __kit.body(#name(#(#params),*)).await;
        #stop
        __result
    }
}
