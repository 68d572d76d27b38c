//! `TvPatch`: some fields, to be written together.

use std::collections::HashSet;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Member;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::paths::{FieldPlace, docs};
use super::{Cx, ModelParam, where_clause};
use crate::model::item::{FieldRole, Struct};
use crate::tokens::{free_name, generated_span, projection, spanned, words};

/// The struct and its public methods.
pub(super) fn expand(cx: &Cx<'_>, body: &Struct, places: &[FieldPlace<'_>]) -> TokenStream {
    let (item, name) = (cx.item, name(cx, body));
    let (vis, allows, clause) = (&item.vis, cx.allows(), where_clause(&cx.own_preds));
    let decl: TokenStream =
        cx.params.iter().map(|ModelParam { decl, .. }| quote!(#decl,)).collect();
    let doc = format!("Some fields of a `{}`, to be written together.", item.ident);
    let derive = &body.patch_derive;
    let derive = (!derive.is_empty()).then(|| quote!(#[derive(#(#derive),*)]));
    let fields = places.iter().map(|place| {
        let (docs, vis, member, ty) =
            (docs(place), &place.field.vis, &place.field.place, &place.field.ty);
        quote!(#docs #vis #member: ::core::option::Option<#ty>,)
    });
    let owner = owner(cx, places).map(|owner| {
        let self_ty = &item.self_ty;
        quote!(#owner: ::core::marker::PhantomData<fn() -> #self_ty>,)
    });
    quote! {
        #[doc = #doc]
        #derive
        #[must_use = "a patch changes nothing until it is written"]
        #allows
        #vis struct #name<#decl> #clause { #(#fields)* #owner }
    }
}

/// The name of the field for the parameters that no patched field uses.
///
/// The patch has that field only then, because a private field forbids `TvPatch { casting:
/// …, ..patch }`.
fn owner(cx: &Cx<'_>, places: &[FieldPlace<'_>]) -> Option<Ident> {
    let types = places.iter().map(|place| &place.field.ty);
    let words = words(quote!(#(#types),*));
    let is_unused = |param: &ModelParam| param.is_type && !words.contains(&param.name.to_string());
    cx.params.iter().any(is_unused).then(|| free_name("__owner", &cx.item.words))
}

fn name(cx: &Cx<'_>, body: &Struct) -> Ident {
    let item = &cx.item.ident;
    let usual = || format_ident!("{}Patch", item.unraw(), span = item.span());
    body.patch_name.clone().unwrap_or_else(usual)
}

/// Its impls.
pub(super) fn impls(cx: &Cx<'_>, body: &Struct, places: &[FieldPlace<'_>]) -> TokenStream {
    let (name, args, self_ty) = (name(cx, body), cx.args(), &cx.item.self_ty);
    let (params, clause) = (cx.own_params(), where_clause(&cx.own_preds));
    let members: Vec<&Member> = places.iter().map(|place| &place.field.place).collect();
    let own: Vec<&Member> = places.iter().map(|place| &place.field.member).collect();
    let builders = places.iter().map(|place| builder(place, places));
    let diff = diff(cx, &name, places);
    let clone = clone(cx, body, places);
    let owner = owner(cx, places).map(|owner| quote!(#owner: ::core::marker::PhantomData,));
    quote! {
        impl<#params> #name<#args> #clause {
            /// A patch that names no field.
            pub fn new() -> Self {
                Self { #(#members: ::core::option::Option::None,)* #owner }
            }

            #(#builders)*
        }

        #[automatically_derived]
        impl<#params> ::core::default::Default for #name<#args> #clause {
            fn default() -> Self {
                Self::new()
            }
        }

        #[automatically_derived]
        impl<#params> __sprag::Patch<#self_ty> for #name<#args> #clause {
            fn is_empty(&self) -> ::core::primitive::bool {
                true #(&& self.#members.is_none())*
            }

            fn __swap(&mut self, __target: &mut #self_ty) {
                #(__sprag::swap(&mut self.#members, &mut __target.#own);)*
            }
        }

        #diff
        #clone
    }
}

fn builder(place: &FieldPlace<'_>, places: &[FieldPlace<'_>]) -> TokenStream {
    let Member::Named(member) = &place.field.place else { return TokenStream::new() };
    let (docs, vis, ty) = (docs(place), &place.field.vis, &place.field.ty);
    // Through a function, because an assignment has the compiler think through the
    // drop of every field.
    let method = if member == "new" { builder_of_new(places) } else { member.clone() };
    quote! {
        #docs
        #[inline]
        #vis fn #method(mut self, __value: #ty) -> Self {
            __sprag::put(&mut self.#member, __value);
            self
        }
    }
}

/// `new` makes the patch, so the builder of a field of that name is `new_`, or what is free; the
/// field is still public.
fn builder_of_new(places: &[FieldPlace<'_>]) -> Ident {
    let members = places.iter().map(|place| &place.field.place);
    let names: Vec<&Ident> = members
        .filter_map(|member| match member {
            Member::Named(name) => Some(name),
            Member::Unnamed(_) => None,
        })
        .collect();
    let mut name = "new_".to_owned();
    while names.iter().any(|taken| *taken == &name) {
        name.push('_');
    }
    format_ident!("{name}")
}

/// `Clone`, where all fields are; not if `patch_derive` lists it.
fn clone(cx: &Cx<'_>, body: &Struct, places: &[FieldPlace<'_>]) -> Option<TokenStream> {
    let is_clone =
        |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "Clone");
    if body.patch_derive.iter().any(is_clone) {
        return None;
    }
    let (name, params, args) = (name(cx, body), cx.own_params(), cx.args());
    let bound = |span| quote_spanned!(span=> ::core::clone::Clone);
    let preds = with_bounds(&cx.own_preds, places, bound);
    let clause = where_clause(&preds);
    let members: Vec<&Member> = places.iter().map(|place| &place.field.place).collect();
    let owner = owner(cx, places).map(|owner| quote!(#owner: ::core::marker::PhantomData,));
    Some(quote! {
        #[automatically_derived]
        impl<#params> ::core::clone::Clone for #name<#args> #clause {
            #[inline]
            fn clone(&self) -> Self {
                Self { #(#members: ::core::clone::Clone::clone(&self.#members),)* #owner }
            }
        }
    })
}

/// `preds`, and `bound` for the type of each field. Messages quote the span of the bound.
///
/// The bounds' own lifetime keeps the compiler from looking at them here: a field
/// without the bound is then reported where the patch is used.
fn with_bounds(
    preds: &[TokenStream],
    places: &[FieldPlace<'_>],
    bound: impl Fn(Span) -> TokenStream,
) -> Vec<TokenStream> {
    let mut seen = HashSet::new();
    let types = places.iter().map(|place| &place.field.ty);
    let types = types.filter(|ty| seen.insert(ty.to_token_stream().to_string()));
    let bounds = types.map(|ty| {
        let span = generated_span(ty.span());
        let bound = bound(span);
        quote_spanned!(span=> for<'__p> #ty: #bound)
    });
    preds.iter().cloned().chain(bounds).collect()
}

/// `PatchDiff`, where all fields can be compared.
fn diff(cx: &Cx<'_>, name: &Ident, places: &[FieldPlace<'_>]) -> TokenStream {
    let (params, args, self_ty) = (cx.params(), cx.args(), &cx.item.self_ty);
    let bound = |span| quote_spanned!(span=> ::core::cmp::PartialEq);
    let preds = with_bounds(&cx.preds, places, bound);
    let clause = where_clause(&preds);
    let fields = places.iter().map(show);
    // At one place, since messages quote it.
    let head = quote!(__sprag::PatchDiff<#self_ty> for #name<#args>);
    let head = spanned(&head, cx.item.ident.span());
    quote! {
        #[automatically_derived]
        impl<#params> #head #clause {
            fn __diff(
                &self,
                __current: &#self_ty,
                __visit: &mut dyn ::core::ops::FnMut(__sprag::FieldDiff<'_>),
            ) {
                let mut __fields =
                    __sprag::Fields { all: <#self_ty as __sprag::State>::__FIELDS, visit: __visit };
                #(#fields)*
            }
        }
    }
}

/// Shows one field, if the patch names it.
fn show(place: &FieldPlace<'_>) -> TokenStream {
    let (index, ty) = (place.index, &place.field.ty);
    let (own, member) = (&place.field.member, &place.field.place);
    let show = match place.field.role {
        FieldRole::Leaf => quote!(__sprag::show_leaf::<#ty>),
        _ => projection(ty, &quote!(__sprag::State), quote!(__show)),
    };
    // Named before it is called, because a call is reported at its arguments.
    quote! {
        let __show = #show;
        __show(&mut __fields, #index, &__current.#own, &self.#member);
    }
}
