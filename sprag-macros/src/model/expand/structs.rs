//! Structs, tuple structs and unit structs.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Index;

use super::paths::{FieldPlace, Own, StepMode, docs};
use super::{Cx, ability, patch, paths, state};
use crate::model::ast::Style;
use crate::model::item::{FieldRole, Struct};

pub(super) fn expand(cx: &Cx<'_>, body: &Struct) -> TokenStream {
    let places = places(body);
    let own = own(cx, body);
    let definition = definition(cx, body, &places);
    let root = paths::root_of_tree(cx);
    let impls = paths::impls(cx, &own, &initialisers(cx, body, &places));
    let shapes: Vec<TokenStream> = places.iter().map(FieldPlace::shape).collect();
    let notes: Vec<TokenStream> = places.iter().filter_map(FieldPlace::note).collect();
    let tree = state::ModelTree {
        kind: quote!(Struct),
        shapes,
        notes,
        abilities: ability::of_places(cx, &places.iter().collect::<Vec<_>>()),
        parts: parts(&places),
        keep: keep(body),
    };
    let state = state::tree(cx, tree);
    let distinct = state::distinct(cx, &places);
    let patch = body.has_patch.then(|| patch::expand(cx, body, &places));
    let patch_impls = body.has_patch.then(|| patch::impls(cx, body, &places));
    let (private, import, allows) = (&cx.private, cx.import(), cx.allows());
    quote! {
        #import
        #definition
        #root
        #patch

        #allows
        const _: () = {
            use #private as __sprag;
            #[allow(unused_imports)]
            use __sprag::Otherwise as _;

            #impls
            #state
            #distinct
            #patch_impls
        };
    }
}

/// The fields that paths lead to.
fn places(body: &Struct) -> Vec<FieldPlace<'_>> {
    let kept = body.fields.iter().filter(|field| field.role != FieldRole::Skipped);
    kept.enumerate().map(|(index, field)| FieldPlace { field, index }).collect()
}

/// Where the paths hold their own path.
fn own(cx: &Cx<'_>, body: &Struct) -> Own {
    match body.style {
        Style::Tuple => Own::PastTheEnd(Index::from(body.fields.len())),
        Style::Named | Style::Unit => Own::Named(cx.whole.clone()),
    }
}

fn definition(cx: &Cx<'_>, body: &Struct, places: &[FieldPlace<'_>]) -> TokenStream {
    let (head, own, clause) = (paths::head(cx), paths::own_path(cx), cx.clause());
    if body.style == Style::Tuple {
        let mut places = places.iter();
        let fields = body.fields.iter().map(|field| match field.role {
            // A skipped field keeps the numbers of the other fields.
            FieldRole::Skipped => quote!((),),
            _ => places.next().map(|place| definition_of(cx, place)).unwrap_or_default(),
        });
        let (vis, private) = (&cx.item.vis, &cx.private);
        return quote!(
            #head(#(#fields)* #[doc(hidden)] #vis #private::PastTheEnd<#own>) #clause;
        );
    }
    let (fields, whole) = (places.iter().map(|place| definition_of(cx, place)), &cx.whole);
    quote!(#head #clause { #(#fields)* #whole: #own })
}

fn definition_of(cx: &Cx<'_>, place: &FieldPlace<'_>) -> TokenStream {
    let field = place.field;
    let (docs, vis, m) = (docs(place), &field.vis, cx.m.to_token_stream());
    let ty = place.paths_type(cx, &m);
    match &field.place {
        syn::Member::Named(name) => quote!(#docs #vis #name: #ty,),
        syn::Member::Unnamed(_) => {
            let vis = paths::visibility_without_name(vis);
            quote!(#docs #vis #ty,)
        }
    }
}

fn initialisers(cx: &Cx<'_>, body: &Struct, places: &[FieldPlace<'_>]) -> TokenStream {
    let fields = places.iter().map(|place| place.init(cx, StepMode::Whole));
    let skipped = body.fields.iter().filter(|field| field.role == FieldRole::Skipped);
    let holes = skipped.filter(|_| body.style == Style::Tuple).map(|field| {
        let member = &field.place;
        quote!(#member: (),)
    });
    fields.chain(holes).collect()
}

/// The places by number.
fn parts(places: &[FieldPlace<'_>]) -> TokenStream {
    let arms = |borrow: TokenStream| -> Vec<TokenStream> {
        let arm = |FieldPlace { index, field }: &FieldPlace<'_>| {
            let member = &field.member;
            quote!(#index => #borrow self.#member)
        };
        places.iter().map(arm).collect()
    };
    state::parts(&quote!(__index), &arms(quote!(&)), &arms(quote!(&mut)))
}

/// Exchanges the fields that serde does not read.
fn keep(body: &Struct) -> Option<TokenStream> {
    let unread = body.fields.iter().filter(|field| field.unread).map(|field| &field.member);
    let swaps: Vec<TokenStream> = unread
        .map(|member| quote!(::core::mem::swap(&mut __a.#member, &mut __b.#member);))
        .collect();
    (!swaps.is_empty()).then(|| quote!({ #(#swaps)* }))
}
