//! The derives and attribute macros of sprag. They know no sprag crate: what
//! they write names everything through `::sprag::__private`.

use proc_macro::TokenStream;

mod errors;
mod event;
mod model;
mod near;
mod options;
mod snake;
mod tokens;

/// Typed paths for a struct: `Tv::PATHS`, `TvPaths` and `TvPatch`.
///
/// See the `sprag` crate's documentation.
#[proc_macro_derive(Model, attributes(model))]
pub fn derive_model(item: TokenStream) -> TokenStream {
    model::derive(item.into()).into()
}

/// A type that can be sent over a bus: `#[event("storage:mount_changed")]`.
///
/// See the `sprag` crate's documentation.
#[proc_macro_derive(Event, attributes(event))]
pub fn derive_event(item: TokenStream) -> TokenStream {
    event::derive(item.into()).into()
}
