//! `impl State`, and the marker whose steps lead to the fields.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::paths::Place;
use super::{Cx, paths};
use crate::model::item::Role;
use crate::tokens::projection;

/// A type that is one opaque value.
pub(super) fn leaf(cx: &Cx<'_>) -> TokenStream {
    let Cx { item, private, r, m, l, .. } = cx;
    let (params, clause, self_ty, allows) = (cx.params(), cx.clause(), &item.self_ty, cx.allows());
    let root = paths::root(cx, &quote!(#private::Path<#self_ty, #self_ty>));
    quote! {
        #root

        #allows
        const _: () = {
            use #private as __p;

            #[automatically_derived]
            impl<#params> __p::State for #self_ty #clause {
                type __Paths<#r: 'static, #m: __p::Mode> = __p::Path<#r, Self, #m>;
                type __At<#l: __p::Lens<Target = Self>> = __p::PathAt<#l>;
                type __Some<#r: 'static> = ();

                // What needs no drop holds no allocation.
                const __CHEAP: ::core::primitive::bool =
                    !::core::mem::needs_drop::<Self>() && ::core::mem::size_of::<Self>() <= 64;

                fn __node(&self, __id: ::core::primitive::u32)
                    -> ::core::option::Option<&dyn ::core::any::Any>
                {
                    match __id {
                        0 => ::core::option::Option::Some(self),
                        _ => ::core::option::Option::None,
                    }
                }
            }
        };
    }
}

/// `impl State` for a type with paths of its own.
pub(super) fn tree(
    cx: &Cx<'_>,
    kind: &TokenStream,
    shapes: &[TokenStream],
    places: &[Place<'_>],
    node: &TokenStream,
) -> TokenStream {
    let Cx { item, r, m, l, .. } = cx;
    let (params, clause, self_ty) = (cx.params(), cx.clause(), &item.self_ty);
    let paths_type = cx.paths_type(&r.to_token_stream(), &m.to_token_stream());
    let cheap = places.iter().map(cheap);
    quote! {
        #[automatically_derived]
        impl<#params> __p::State for #self_ty #clause {
            type __Paths<#r: 'static, #m: __p::Mode> = #paths_type;
            type __At<#l: __p::Lens<Target = Self>> = __At<#l>;
            type __Some<#r: 'static> = ();

            const __KIND: __p::Kind = __p::Kind::#kind;
            const __FIELDS: &'static [__p::ShapeField] = &__p::__laid_out([#(#shapes),*]);
            const __CHEAP: ::core::primitive::bool = ::core::mem::size_of::<Self>() <= 64 #(&& #cheap)*;

            fn __node(&self, __id: ::core::primitive::u32)
                -> ::core::option::Option<&dyn ::core::any::Any>
            {
                #node
            }
        }
    }
}

fn cheap(place: &Place<'_>) -> TokenStream {
    let ty = &place.field.ty;
    match place.field.role {
        Role::Leaf => quote!(!::core::mem::needs_drop::<#ty>()),
        _ => projection(ty, &quote!(__p::State), quote!(__CHEAP)),
    }
}

/// The private marker that has a step for each place.
///
/// Private, because the type of a place may be private where the user's type is
/// not.
pub(super) fn marker(cx: &Cx<'_>) -> TokenStream {
    let (params, clause, self_ty) = (cx.params(), cx.clause(), &cx.item.self_ty);
    quote! {
        struct __Fields<#params>(::core::marker::PhantomData<fn() -> #self_ty>) #clause;
    }
}

/// The step to a place. `get` and `get_mut` are expressions over `__from`.
pub(super) fn step(
    cx: &Cx<'_>,
    place: &Place<'_>,
    mode: &TokenStream,
    offset: &TokenStream,
    get: &TokenStream,
    get_mut: &TokenStream,
) -> TokenStream {
    let (params, args, clause, self_ty) = (cx.params(), cx.args(), cx.clause(), &cx.item.self_ty);
    let (index, ty) = (place.step, &place.field.ty);
    // The lifetime is named: a struct with lifetimes, which is an error of its own,
    // has more than one here, and would be a second error.
    quote! {
        impl<#params> __p::Step<#index> for __Fields<#args> #clause {
            type From = #self_ty;
            type To = #ty;
            type Mode = __p::#mode;
            #offset

            #[inline]
            fn get<'__p>(__from: &'__p #self_ty) -> ::core::option::Option<&'__p #ty> {
                #get
            }

            #[inline]
            fn get_mut<'__p>(
                __from: &'__p mut #self_ty,
            ) -> ::core::option::Option<&'__p mut #ty> {
                #get_mut
            }
        }
    }
}

/// The match arm's right side that looks a node up in the field `value`.
pub(super) fn node_below(place: &Place<'_>, value: &TokenStream) -> (TokenStream, TokenStream) {
    let ty = &place.field.ty;
    match place.field.role {
        Role::Leaf => (quote!(0), quote!(::core::option::Option::Some(#value))),
        _ => {
            let node = projection(ty, &quote!(__p::State), quote!(__node));
            // Named before it is called, because a call is reported at its arguments.
            (quote!(__id), quote!({ let __node = #node; __node(#value, __id) }))
        }
    }
}
