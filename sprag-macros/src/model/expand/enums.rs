//! Enums: each variant with fields is a group of partial paths.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};

use syn::ext::IdentExt as _;
use syn::{Index, Member};

use super::paths::{FieldPlace, Own, StepMode, docs};
use super::{Cx, ability, local, paths, state};
use crate::model::item::{FieldRole, ModelVariant};

/// A variant and its places.
struct Branch<'a> {
    variant: &'a ModelVariant,
    /// Its number among all variants, as in the shape.
    index: usize,
    places: Vec<FieldPlace<'a>>,
}

pub(super) fn expand(cx: &Cx<'_>, variants: &[ModelVariant]) -> TokenStream {
    let branches = branches(variants);
    let (private, import, allows) = (&cx.private, cx.import(), cx.allows());
    let definition = definition(cx, &branches);
    let root = paths::root_of_tree(cx);
    let groups = branches.iter().filter(has_places).map(|branch| group(cx, branch));
    let impls = paths::impls(cx, &Own::Named(cx.whole.clone()), &initialisers(cx, &branches));
    let shapes: Vec<TokenStream> = branches.iter().map(shape).collect();
    let keep = keep(cx, &branches);
    let parts = parts(&branches);
    let places: Vec<&FieldPlace<'_>> = branches.iter().flat_map(|branch| &branch.places).collect();
    let tree = state::ModelTree {
        kind: quote!(Enum),
        shapes,
        notes: notes(&branches),
        abilities: ability::of_places(cx, &places),
        parts,
        keep,
    };
    let state = state::tree(cx, tree);
    let shown = state::shown(cx);
    quote! {
        #import
        #definition
        #root

        #allows
        const _: () = {
            use #private as __sprag;
            #[allow(unused_imports)]
            use __sprag::Otherwise as _;

            #(#groups)*
            #impls
            #state
            #shown
        };
    }
}

fn branches(variants: &[ModelVariant]) -> Vec<Branch<'_>> {
    let mut indices = 0..;
    let mut found = Vec::new();
    for (index, variant) in variants.iter().enumerate() {
        let kept = variant.fields.iter().filter(|field| field.role != FieldRole::Skipped);
        let places =
            kept.zip(&mut indices).map(|(field, index)| FieldPlace { field, index }).collect();
        found.push(Branch { variant, index, places });
    }
    found
}

fn has_places(branch: &&Branch<'_>) -> bool {
    !branch.places.is_empty()
}

/// `MediaPaths`, with a field for each variant that has places.
fn definition(cx: &Cx<'_>, branches: &[Branch<'_>]) -> TokenStream {
    let (head, own, clause) = (paths::head(cx), paths::own_path(cx), cx.clause());
    let (Cx { item, private, r, .. }, vis) = (cx, &cx.item.vis);
    let self_ty = &item.self_ty;
    let fields = branches.iter().filter(has_places).map(|branch| {
        let (place, index, docs) = (&branch.variant.place, branch.index, docs_of(branch));
        quote!(#docs #vis #place: <#self_ty as #private::Variant<#index>>::Paths<#r>,)
    });
    let whole = &cx.whole;
    quote!(#head #clause { #(#fields)* #whole: #own })
}

fn docs_of(branch: &Branch<'_>) -> TokenStream {
    let docs = &branch.variant.docs;
    let has_doc = docs.iter().any(|attr| attr.path().is_ident("doc"));
    let doc = format!("The variant `{}`; its fields may be absent.", branch.variant.ident);
    let doc = (!has_doc).then(|| quote!(#[doc = #doc]));
    quote!(#doc #(#docs)*)
}

/// `MediaPlayingPaths`: inside of the expansion, because beside the item it could
/// meet the paths of a `MediaPlaying`.
fn group_name(cx: &Cx<'_>, branch: &Branch<'_>) -> Ident {
    let (item, variant) = (&cx.item.ident, &branch.variant.ident);
    format_ident!("{}{}Paths", item.unraw(), variant.unraw(), span = item.span())
}

fn group(cx: &Cx<'_>, branch: &Branch<'_>) -> TokenStream {
    let (Cx { item, r, .. }, name) = (cx, group_name(cx, branch));
    let (params, args, clause) = (cx.params(), cx.args(), cx.clause());
    let (vis, self_ty, index) = (&item.vis, &item.self_ty, branch.index);
    let body = group_body(cx, branch);
    let this = quote!(#name<#args #r>);
    let copy =
        cx.by_value().then(|| paths::copy(&quote!(#params #r: __sprag::State), &this, &clause));
    let by_ref = (!cx.by_value()).then(|| quote!(&'static));
    quote! {
        #vis struct #name<#params #r: __sprag::State> #body

        #copy

        impl<#params> __sprag::Variant<#index> for #self_ty #clause {
            type Paths<#r: __sprag::State> = #by_ref #this;
        }
    }
}

/// The fields of the struct with a variant's paths, and its `where` clause.
fn group_body(cx: &Cx<'_>, branch: &Branch<'_>) -> TokenStream {
    let (vis, self_ty, clause) = (&cx.item.vis, &cx.item.self_ty, cx.clause());
    let fields = branch.places.iter().map(|place| {
        let (docs, member) = (docs(place), group_member(place));
        let ty = place.paths_type(cx, &quote!(__sprag::Partial));
        quote!(#docs #vis #member: #ty,)
    });
    // Names the parameters, and keeps the compiler from checking whether the last field,
    // which may not be `State`, has a size.
    let end = quote!(__sprag::PastTheEnd<::core::marker::PhantomData<fn() -> #self_ty>>);
    match tuple_group(branch) {
        false => {
            let whole = &cx.whole;
            quote!(#clause { #(#fields)* #whole: #end })
        }
        true => {
            let vis = paths::visibility_without_name(vis);
            let mut places = branch.places.iter();
            let fields = branch.variant.fields.iter().map(|field| match field.role {
                FieldRole::Skipped => quote!((),),
                _ => places
                    .next()
                    .map(|place| {
                        let (docs, ty) =
                            (docs(place), place.paths_type(cx, &quote!(__sprag::Partial)));
                        quote!(#docs #vis #ty,)
                    })
                    .unwrap_or_default(),
            });
            quote!((#(#fields)* #[doc(hidden)] #vis #end) #clause;)
        }
    }
}

fn tuple_group(branch: &Branch<'_>) -> bool {
    branch.variant.style == crate::model::ast::Style::Tuple
}

fn group_member(place: &FieldPlace<'_>) -> TokenStream {
    place.field.place.to_token_stream()
}

fn initialisers(cx: &Cx<'_>, branches: &[Branch<'_>]) -> TokenStream {
    let group = |branch: &Branch<'_>| {
        let (variant, name) = (&branch.variant.place, group_name(cx, branch));
        let fields = branch.places.iter().map(|place| place.init(cx, StepMode::Partial));
        let skipped = branch.variant.fields.iter().filter(|field| field.role == FieldRole::Skipped);
        let holes = skipped.filter(|_| tuple_group(branch)).map(|field| {
            let member = &field.place;
            quote!(#member: (),)
        });
        let end = match tuple_group(branch) {
            true => Index::from(branch.variant.fields.len()).into_token_stream(),
            false => cx.whole.to_token_stream(),
        };
        let end = quote!(#end: __sprag::PastTheEnd::__of(::core::marker::PhantomData),);
        let fields = fields.chain(holes).chain([end]);
        let by_ref = (!cx.by_value()).then(|| quote!(&));
        quote!(#variant: #by_ref #name { #(#fields)* },)
    };
    branches.iter().filter(has_places).map(group).collect()
}

fn shape(branch: &Branch<'_>) -> TokenStream {
    let fields = branch.places.iter().map(FieldPlace::shape);
    let fields = quote!(const { &__sprag::__laid_out([#(#fields),*]) });
    let shape = quote!(const { &__sprag::Shape::__variant(#fields) });
    let ModelVariant { text, skipped_by_serde, .. } = branch.variant;
    quote!(__sprag::ShapeField { name: #text, skipped: #skipped_by_serde, offset: 0, shape: #shape })
}

/// The places by number, each there while its variant is active.
fn parts(branches: &[Branch<'_>]) -> TokenStream {
    let field = local("__field");
    let arms = branches.iter().flat_map(|branch| {
        let (variant, field) = (&branch.variant.ident, &field);
        branch.places.iter().map(move |place| {
            let (index, member) = (place.index, &place.field.member);
            quote!((#index, Self::#variant { #member: #field, .. }) => #field)
        })
    });
    let arms: Vec<TokenStream> = arms.collect();
    state::parts(&quote!((__index, self)), &arms, &arms)
}

/// The notes of variants and their fields.
fn notes(branches: &[Branch<'_>]) -> Vec<TokenStream> {
    let notes = branches.iter().flat_map(|branch| {
        let of_variant = paths::note_on_variant(branch.index, branch.variant);
        of_variant.into_iter().chain(branch.places.iter().filter_map(FieldPlace::note))
    });
    notes.collect()
}

/// Exchanges the fields that serde does not read, where both have one variant.
fn keep(cx: &Cx<'_>, branches: &[Branch<'_>]) -> Option<TokenStream> {
    let self_ty = &cx.item.self_ty;
    let arm = |branch: &Branch<'_>| {
        let (variant, fields) = (&branch.variant.ident, &branch.variant.fields);
        let unread = fields.iter().filter(|field| field.unread).map(|field| &field.member);
        let members: Vec<&Member> = unread.collect();
        let (a, b): (Vec<Ident>, Vec<Ident>) = (0..members.len())
            .map(|i| (local(&format!("__a{i}")), local(&format!("__b{i}"))))
            .unzip();
        (!members.is_empty()).then(|| {
            quote! {
                (#self_ty::#variant { #(#members: #a,)* .. },
                    #self_ty::#variant { #(#members: #b,)* .. }) => {
                    #(::core::mem::swap(#a, #b);)*
                }
            }
        })
    };
    let arms: Vec<TokenStream> = branches.iter().filter_map(arm).collect();
    let others = (branches.len() > 1).then(|| quote!(_ => {}));
    (!arms.is_empty()).then(|| quote!(match (__a, __b) { #(#arms)* #others }))
}
