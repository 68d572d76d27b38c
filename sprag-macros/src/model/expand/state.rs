//! `impl State`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};

use super::paths::FieldPlace;
use super::{Cx, ability, form, paths};
use crate::model::item::{FieldRole, Item, ItemKind, ModelField, ModelVariant, SerdeTagging};
use crate::tokens::generated_span;

/// A type that is one opaque value.
pub(super) fn leaf(cx: &Cx<'_>, variants: &[ModelVariant]) -> TokenStream {
    let Cx { item, private, r, m, l, .. } = cx;
    let (params, clause, self_ty, allows) = (cx.params(), cx.clause(), &item.self_ty, cx.allows());
    let root = paths::root(cx, &quote!(#private::Path<#self_ty, #self_ty>));
    let (import, doc, form) = (cx.import(), doc(cx), form::of_leaf(cx, variants));
    let (own, tagging) = (ability::of_type(&quote!(Self)), tagging(&item.tagging));
    quote! {
        #import
        #root

        #allows
        const _: () = {
            use #private as __sprag;
            #[allow(unused_imports)]
            use __sprag::Otherwise as _;

            #[automatically_derived]
            impl<#params> __sprag::State for #self_ty #clause {
                type __Paths<#r: __sprag::State, #m: __sprag::Mode> = __sprag::Path<#r, Self, #m>;
                type __At<#l: __sprag::Lens<Target = Self>> = __sprag::PathAt<#l>;
                type __Some<#r: __sprag::State> = ();

                // A value that needs no drop holds no allocation.
                const __CHEAP: ::core::primitive::bool =
                    !::core::mem::needs_drop::<Self>() && ::core::mem::size_of::<Self>() <= 64;
                const __ABILITIES: __sprag::Abilities = #own;
                #doc
                #tagging
                #form
            }
        };
    }
}

/// The pieces of a type with paths of its own.
pub(super) struct ModelTree {
    pub(super) kind: TokenStream,
    pub(super) shapes: Vec<TokenStream>,
    pub(super) notes: Vec<TokenStream>,
    /// The constants about the places' abilities.
    pub(super) abilities: TokenStream,
    pub(super) parts: TokenStream,
    pub(super) keep: Option<TokenStream>,
}

/// `impl State` for a type with paths of its own.
pub(super) fn tree(cx: &Cx<'_>, tree: ModelTree) -> TokenStream {
    let Cx { item, r, m, l, .. } = cx;
    let ModelTree { kind, shapes, notes, abilities, parts, keep } = tree;
    let own = ability::of_type(&quote!(Self));
    let (doc, tagging, form) = (doc(cx), tagging(&item.tagging), form::of_tree(cx));
    let notes = (!notes.is_empty())
        .then(|| quote!(const __NOTES: &'static [__sprag::Note] = &[#(#notes),*];));
    let (keep, hidden) = (keep.map(|keep| exchange(&keep)), hidden_constants(item));
    let (params, clause, self_ty) = (cx.params(), cx.clause(), &item.self_ty);
    let paths_type = cx.paths_type(&r.to_token_stream(), &m.to_token_stream());
    quote! {
        #[automatically_derived]
        impl<#params> __sprag::State for #self_ty #clause {
            type __Paths<#r: __sprag::State, #m: __sprag::Mode> = #paths_type;
            type __At<#l: __sprag::Lens<Target = Self>> = __SpragAt<#l>;
            type __Some<#r: __sprag::State> = ();

            const __KIND: __sprag::Kind = __sprag::Kind::#kind;
            const __FIELDS: &'static [__sprag::ShapeField] = &__sprag::__laid_out([#(#shapes),*]);
            #notes
            #doc
            #tagging
            #form
            #keep
            const __ABILITIES: __sprag::Abilities = #own;
            #abilities
            #hidden

            #parts
        }
    }
}

/// Exchanges what serde does not read of two values.
fn exchange(keep: &TokenStream) -> TokenStream {
    quote! {
        const __KEEP: ::core::option::Option<fn(&mut Self, &mut Self)> =
            ::core::option::Option::Some(|__a, __b| #keep);
    }
}

/// The constants of a type whose parts serde does not show.
fn hidden_constants(item: &Item) -> TokenStream {
    let hides = hides_parts(item).then(|| {
        quote!(
            const __HIDES_PARTS: bool = true;
        )
    });
    let converted = item.converted.then(|| {
        quote!(
            const __IS_CONVERTED: bool = true;
        )
    });
    quote!(#hides #converted)
}

/// Whether a field is not a place.
fn hides_parts(item: &Item) -> bool {
    let hides = |fields: &[ModelField]| fields.iter().any(|field| field.role == FieldRole::Skipped);
    match &item.kind {
        ItemKind::Nothing | ItemKind::Leaf(_) => false,
        ItemKind::Struct(body) => hides(&body.fields),
        ItemKind::Enum(variants) => variants.iter().any(|variant| hides(&variant.fields)),
    }
}

/// Has the compiler look at the names behind a flattened field, which are another
/// type's. Those of a type with parameters are not known here.
pub(super) fn distinct(cx: &Cx<'_>, places: &[FieldPlace<'_>]) -> TokenStream {
    let nodes = places.iter().filter(|place| place.field.role == FieldRole::Node);
    let flattened = nodes.filter_map(|place| Some((place, place.field.flattened?)));
    let flattened: Vec<_> = flattened.filter(|_| cx.params.is_empty()).collect();
    let Some((_, span)) = flattened.first() else { return TokenStream::new() };
    let (self_ty, span) = (&cx.item.self_ty, generated_span(*span));
    let shown = flattened.iter().map(|(place, span)| {
        let (ty, span) = (&place.field.ty, generated_span(*span));
        quote_spanned!(span=> const _: () = __sprag::__flat_shows_all(<#ty as __sprag::State>::__SHAPE);)
    });
    let distinct = quote_spanned! {span=>
        const _: () = __sprag::__distinct(<#self_ty as __sprag::State>::__SHAPE);
    };
    quote!(#distinct #(#shown)*)
}

/// Has the compiler look for places behind an untagged enum that browsers must not see.
pub(super) fn shown(cx: &Cx<'_>) -> Option<TokenStream> {
    let is_checked = matches!(cx.item.tagging, SerdeTagging::Untagged) && cx.params.is_empty();
    let (self_ty, span) = (&cx.item.self_ty, cx.item.ident.span());
    is_checked.then(|| {
        quote_spanned! {span=>
            const _: () = __sprag::__untagged_shows_all(<#self_ty as __sprag::State>::__SHAPE);
        }
    })
}

/// The constant that is the user's documentation, where there is any.
fn doc(cx: &Cx<'_>) -> Option<TokenStream> {
    let doc = &cx.item.doc;
    (!doc.is_empty()).then(|| quote!(const __DOC: &'static ::core::primitive::str = #doc;))
}

/// The constant that is serde's way with the enum, where it is not the usual one.
fn tagging(tagging: &SerdeTagging) -> Option<TokenStream> {
    let tagging = match tagging {
        SerdeTagging::External => return None,
        SerdeTagging::Internal => quote!(Internal),
        SerdeTagging::Untagged => quote!(Untagged),
        SerdeTagging::Adjacent(content) => quote!(Adjacent(#content)),
    };
    Some(quote!(const __TAGGING: __sprag::Tagging = __sprag::Tagging::#tagging;))
}

/// The places by number: the arms of a match over `subject`, which names `__index`,
/// once to borrow and once to borrow mutably.
pub(super) fn parts(
    subject: &TokenStream,
    arms: &[TokenStream],
    arms_mut: &[TokenStream],
) -> TokenStream {
    if arms.is_empty() {
        return TokenStream::new();
    }
    quote! {
        #[inline]
        fn __part(&self, __index: ::core::primitive::usize)
            -> ::core::option::Option<&dyn ::core::any::Any>
        {
            ::core::option::Option::Some(match #subject {
                #(#arms,)*
                _ => return ::core::option::Option::None,
            })
        }

        #[inline]
        fn __part_mut(&mut self, __index: ::core::primitive::usize)
            -> ::core::option::Option<&mut dyn ::core::any::Any>
        {
            ::core::option::Option::Some(match #subject {
                #(#arms_mut,)*
                _ => return ::core::option::Option::None,
            })
        }
    }
}
