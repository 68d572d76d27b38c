//! `#[service]`: parse, check, expand.
//!
//! The expansion is the user's `impl` block, without our attributes, and an impl of
//! `Service`. None of it is generic over the app.

mod args;
mod block;
mod duration;
mod expand;
mod failure;
mod hooks;
mod new;

use proc_macro2::TokenStream;
use quote::quote;
use syn::visit_mut::VisitMut;
use syn::{ItemImpl, Lifetime, Type};

use crate::errors::Errors;
pub(crate) use args::entries;
pub(crate) use duration::millis;
pub(crate) use new::{argument, is_plain, last_segment};

use args::ServiceArgs;
use block::Block;
use hooks::Hooks;
use new::New;

/// The parsed parts of a service.
struct ParsedService<'a> {
    item: &'a ItemImpl,
    args: ServiceArgs,
    /// `None` if `new` is missing or wrong; the error was reported.
    new: Option<New>,
    hooks: Hooks,
}

/// The user's item, its impl of `Service`, and an error for every mistake in it.
pub(crate) fn expand(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let args = ServiceArgs::read(args, &errors);
    let expanded = match Block::read(tokens.clone(), &errors) {
        Some(mut block) => {
            let hooks = Hooks::take(&mut block.item, args.krate.as_ref(), &errors);
            let item = &block.item;
            let service = can_be_service(item, &errors).then(|| {
                let new = New::find(item, &errors);
                expand::service(&ParsedService { item, args, new, hooks })
            });
            quote!(#block #service)
        }
        None => {
            let message = "`#[service]` goes on the `impl` block that holds the service's `new` \
                           and hooks; move it there";
            errors.at_span(proc_macro2::Span::call_site(), message);
            tokens
        }
    };
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// Whether the block can be a service. The impl of a trait, a `dyn Trait` and a lifetime
/// are errors.
fn can_be_service(item: &ItemImpl, errors: &Errors) -> bool {
    if let Some((path, _)) = &item.trait_ {
        let message = "`#[service]` goes on the service's own `impl` block, not on that of a \
                       trait; move it there";
        errors.at(path, message);
        return false;
    }
    if let Type::TraitObject(_) = &*item.self_ty {
        let message = "a service is a struct or an enum; put `#[service]` on its `impl` block, and \
                       list it as `Db as dyn Store`";
        errors.at(&item.self_ty, message);
        return false;
    }
    let borrowed = borrowed(item);
    for lifetime in &borrowed {
        let message = format!(
            "a service outlives every borrow; replace the data borrowed for `{lifetime}` by \
             owned data or an `Arc`"
        );
        errors.at(lifetime, message);
    }
    borrowed.is_empty()
}

/// The lifetimes that the service borrows for: those that the block declares, and each `'_`
/// in the service's type.
fn borrowed(item: &ItemImpl) -> Vec<Lifetime> {
    let mut unnamed = Unnamed(Vec::new());
    unnamed.visit_type_mut(&mut item.self_ty.clone());
    let declared = item.generics.lifetimes().map(|param| param.lifetime.clone());
    declared.chain(unnamed.0).collect()
}

/// Collects each `'_`.
struct Unnamed(Vec<Lifetime>);

impl VisitMut for Unnamed {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            self.0.push(lifetime.clone());
        }
    }
}

/// The user's item, and an error about its attribute `name`, which no `#[service]` has
/// processed.
pub(crate) fn misplaced(name: &str, item: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let message = format!(
        "`#[{name}]` marks a hook of a service; put `#[service]` on the `impl` block around it"
    );
    errors.at_span(proc_macro2::Span::call_site(), message);
    let errors = errors.finish();
    quote!(#item #errors)
}

#[cfg(test)]
mod tests;
