//! The derives and attribute macros of sprag. They depend on no sprag crate: their output
//! names everything through `::sprag::__private`.

// The `sprag` crate documents the macros where it re-exports them. A summary here would
// be a second one on the same page.
#![expect(missing_docs, reason = "documented in `sprag`, see above")]

use proc_macro::TokenStream;

mod app;
mod errors;
mod event;
mod model;
mod near;
mod options;
mod path;
mod seen;
mod service;
mod snake;
mod test_kit;
mod tokens;

#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(item: TokenStream) -> TokenStream {
    model::expand(item.into()).into()
}

#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(item: TokenStream) -> TokenStream {
    event::expand(item.into()).into()
}

#[proc_macro_attribute]
pub fn service(args: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(args.into(), item.into()).into()
}

#[proc_macro]
pub fn app(tokens: TokenStream) -> TokenStream {
    app::expand(tokens.into()).into()
}

#[proc_macro]
pub fn services(tokens: TokenStream) -> TokenStream {
    app::expand_services(tokens.into()).into()
}

#[proc_macro_attribute]
pub fn listen(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("listen", item.into()).into()
}

#[proc_macro_attribute]
pub fn interval(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("interval", item.into()).into()
}

#[proc_macro_attribute]
pub fn task(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("task", item.into()).into()
}

#[proc_macro_attribute]
pub fn worker(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("worker", item.into()).into()
}

#[proc_macro_attribute]
pub fn watch(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("watch", item.into()).into()
}

#[proc_macro_attribute]
pub fn health(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("health", item.into()).into()
}

#[proc_macro_attribute]
pub fn test(args: TokenStream, item: TokenStream) -> TokenStream {
    test_kit::expand(args.into(), item.into()).into()
}

/// The expansion of `sprag::path!`, which names the crate first: `path_in!(sprag; …)`.
#[proc_macro]
pub fn path_in(tokens: TokenStream) -> TokenStream {
    path::expand(tokens.into()).into()
}
