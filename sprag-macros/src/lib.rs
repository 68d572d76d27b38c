//! The derives and attribute macros of sprag. They know no sprag crate: what
//! they write names everything through `::sprag::__private`.

use proc_macro::TokenStream;

mod app;
mod errors;
mod event;
mod model;
mod near;
mod options;
mod service;
mod snake;
mod tokens;

/// Typed paths for a struct: `Tv::PATHS`, `TvPaths` and `TvPatch`.
///
/// See the `sprag` crate's documentation.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(item: TokenStream) -> TokenStream {
    model::expand(item.into()).into()
}

/// A type that can be sent over a bus: `#[event("storage:mount_changed")]`.
///
/// See the `sprag` crate's documentation.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(item: TokenStream) -> TokenStream {
    event::expand(item.into()).into()
}

/// A service: a plain struct whose `impl` block says how it is made, which hooks it
/// has and what it owns.
///
/// See the `sprag` crate's documentation.
#[proc_macro_attribute]
pub fn service(args: TokenStream, item: TokenStream) -> TokenStream {
    service::expand(args.into(), item.into()).into()
}

/// An app: which services there are. Their graph is checked by the compiler.
///
/// See the `sprag` crate's documentation.
#[proc_macro]
pub fn app(tokens: TokenStream) -> TokenStream {
    app::expand(tokens.into()).into()
}

/// Marks a method of a `#[service]` block that is called with each event of its
/// parameter's type.
///
/// `#[service]` reads it; what is left for this to see is misplaced.
#[proc_macro_attribute]
pub fn listen(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("listen", item.into()).into()
}

/// Marks an async method of a `#[service]` block that is called after each period.
///
/// `#[service]` reads it; what is left for this to see is misplaced.
#[proc_macro_attribute]
pub fn interval(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("interval", item.into()).into()
}

/// Marks an async method of a `#[service]` block that runs beside the rest.
///
/// `#[service]` reads it; what is left for this to see is misplaced.
#[proc_macro_attribute]
pub fn task(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("task", item.into()).into()
}

/// Marks the method of a `#[service]` block that says how the service is.
///
/// `#[service]` reads it; what is left for this to see is misplaced.
#[proc_macro_attribute]
pub fn health(_args: TokenStream, item: TokenStream) -> TokenStream {
    service::misplaced("health", item.into()).into()
}
