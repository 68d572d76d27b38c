//! Types that mean the same outside of the item: without lifetimes, without `Self`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::visit_mut::{
    VisitMut, visit_generics_mut, visit_parenthesized_generic_arguments_mut, visit_type_fn_ptr_mut,
    visit_type_mut, visit_type_reference_mut,
};
use syn::{
    GenericParam, Generics, Lifetime, ParenthesizedGenericArguments, Type, TypeFnPtr, TypeReference,
};

use crate::errors::Errors;
use crate::tokens::{replace_self, words};

/// A lifetime is reported where it is declared, and taken for `'static`.
pub(super) fn owned_generics(mut generics: Generics, errors: &Errors) -> Generics {
    for lifetime in generics.lifetimes() {
        let lifetime = &lifetime.lifetime;
        let message = format!(
            "state outlives every borrow, so `Model` takes no lifetimes; replace `{lifetime}` by \
             owned data, such as `String` for `&{lifetime} str`"
        );
        errors.at(lifetime, message);
    }
    let owned = |param: &GenericParam| !matches!(param, GenericParam::Lifetime(_));
    generics.params = generics.params.into_iter().filter(owned).collect();
    generics
}

/// Makes types mean the same outside of the item: no lifetimes, no `Self`.
pub(super) struct OwnedTypes<'a> {
    lifetimes: Lifetimes,
    self_ty: &'a TokenStream,
}

impl<'a> OwnedTypes<'a> {
    pub(super) fn new(generics: &Generics, self_ty: &'a TokenStream) -> Self {
        Self { lifetimes: Lifetimes::of(generics), self_ty }
    }

    pub(super) fn owned(&self, mut ty: Type) -> Type {
        visit_type_mut(&mut self.lifetimes.clone(), &mut ty);
        if !words(ty.to_token_stream()).contains("Self") {
            return ty;
        }
        let tokens = replace_self(ty.to_token_stream(), self.self_ty);
        syn::parse2(tokens).unwrap_or(ty)
    }

    pub(super) fn generics(&self, mut generics: Generics) -> Generics {
        visit_generics_mut(&mut self.lifetimes.clone(), &mut generics);
        generics
    }
}

/// Replaces the item's lifetimes, and those that were left out, by `'static`.
#[derive(Clone)]
struct Lifetimes {
    names: Vec<Ident>,
    /// Whether an elided lifetime is a mistake; in `fn(&str)` it is not.
    elided: bool,
}

impl Lifetimes {
    fn of(generics: &Generics) -> Self {
        let names = generics.lifetimes().map(|param| param.lifetime.ident.clone()).collect();
        Self { names, elided: true }
    }

    fn of_function(&self) -> Self {
        Self { elided: false, ..self.clone() }
    }
}

impl VisitMut for Lifetimes {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let elided = self.elided && lifetime.ident == "_";
        if elided || self.names.contains(&lifetime.ident) {
            lifetime.ident = format_ident!("static", span = lifetime.ident.span());
        }
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        let and = reference.and_token.span;
        if self.elided && reference.lifetime.is_none() {
            reference.lifetime = Some(Lifetime::new("'static", and));
        }
        visit_type_reference_mut(self, reference);
    }

    fn visit_type_fn_ptr_mut(&mut self, function: &mut TypeFnPtr) {
        visit_type_fn_ptr_mut(&mut self.of_function(), function);
    }

    fn visit_parenthesized_generic_arguments_mut(
        &mut self,
        arguments: &mut ParenthesizedGenericArguments,
    ) {
        visit_parenthesized_generic_arguments_mut(&mut self.of_function(), arguments);
    }
}
