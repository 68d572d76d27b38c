//! The methods of the service on its handle. A call of any of them is an error whose message
//! says to call `get`. The handle derefs to a type that has these methods alone, since a crate
//! cannot word the compiler's error for a method that does not exist.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, FnArg, ImplItem, ImplItemFn, ItemImpl};

use super::new::last_segment;

/// The type with the methods of the block.
pub(super) fn item(block: &ItemImpl, private: &TokenStream) -> TokenStream {
    let (name, mut seen) = (name(block), HashSet::new());
    let functions = block.items.iter().filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function),
        _ => None,
    });
    let methods = functions
        .filter(|function| function.sig.receiver().is_some())
        // The user's block has the error of a second function of one name.
        .filter(|function| seen.insert(&function.sig.ident) || !cfgs(&function.attrs).is_empty())
        .map(|function| method(function, private));
    quote! {
        #[doc(hidden)]
        #[allow(missing_debug_implementations, unreachable_pub)]
        pub struct #name;

        #[allow(dead_code, missing_docs, unreachable_pub)]
        impl #name {
            #(#methods)*
        }
    }
}

/// The items of the impl of `Service`.
pub(super) fn in_service(block: &ItemImpl) -> TokenStream {
    let name = name(block);
    quote! {
        type __OnHandle = #name;
        const __ON_HANDLE: &'static #name = &#name;
    }
}

/// The name of the type. The compiler prints the name, and the user's types have others.
fn name(block: &ItemImpl) -> Ident {
    let service = last_segment(&block.self_ty).unwrap_or_default();
    format_ident!("{}OnHandle", service.trim_start_matches("r#"))
}

/// A method that takes any values and returns any, so that its bound is its only error. The
/// bound has a lifetime of the method, or the compiler would check it here.
fn method(function: &ImplItemFn, private: &TokenStream) -> TokenStream {
    let name = &function.sig.ident;
    let own = cfgs(&function.attrs);
    let given: Vec<_> = function
        .sig
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(param) => Some(cfgs(&param.attrs)),
            FnArg::Receiver(_) => None,
        })
        .collect();
    let types: Vec<_> = (0..given.len()).map(|n| format_ident!("__{n}")).collect();
    quote! {
        #(#own)*
        pub fn #name<'__h, #(#types,)* __Reply>(&'__h self, #(#(#given)* _: #types),*) -> __Reply
        where
            &'__h Self: #private::HasMethods,
        {
            ::core::unreachable!()
        }
    }
}

fn cfgs(attrs: &[Attribute]) -> Vec<&Attribute> {
    attrs.iter().filter(|attr| attr.path().is_ident("cfg")).collect()
}
