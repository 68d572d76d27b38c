//! `TvPaths`: its impls, and the pieces that make up its fields.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Index;

use super::{Cx, ModelParam};
use crate::model::attr::doc_text;
use crate::model::item::{FieldRole, ModelField, ModelVariant};
use crate::tokens::{at_start_of, generated, projection, projection_at, words};

/// States whose names a user gives to no type: such a field is not checked by itself.
const PLAIN: &[&str] = &[
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "isize", "f32", "f64", "String", "Option", "Vec", "Box", "HashMap", "BTreeMap",
];

/// Whether a place below the one of the lens is always there when that one is.
#[derive(Clone, Copy)]
pub(super) enum StepMode {
    Whole,
    /// The place is in a variant of an enum.
    Partial,
}

/// A place in the paths: a field and its number among those that have one.
pub(super) struct FieldPlace<'a> {
    pub(super) field: &'a ModelField,
    pub(super) index: usize,
}

impl FieldPlace<'_> {
    /// The type of the field in the paths.
    pub(super) fn paths_type(&self, cx: &Cx<'_>, mode: &TokenStream) -> TokenStream {
        let (Cx { private, r, .. }, ty) = (cx, &self.field.ty);
        match self.field.role {
            FieldRole::Leaf => quote!(#private::LeafPath<#r, #ty, #mode>),
            _ => {
                let state = quote!(#private::State);
                let paths = if self.is_plain() || self.names_parameters(cx) {
                    state
                } else {
                    let is_state = projection(ty, &state, quote!(__IS_STATE));
                    quote!(#private::PathsIf<{ #is_state }>)
                };
                projection(ty, &paths, quote!(__Paths<#r, #mode>))
            }
        }
    }

    /// Whether all names in the type are those of states of the standard library.
    fn is_plain(&self) -> bool {
        words(self.field.ty.to_token_stream()).iter().all(|word| PLAIN.contains(&word.as_str()))
    }

    /// Whether the type has a parameter of the item, which a constant cannot have.
    fn names_parameters(&self, cx: &Cx<'_>) -> bool {
        let words = words(self.field.ty.to_token_stream());
        let names = |param: &ModelParam| words.contains(&param.name.to_string());
        words.contains("Self") || cx.params.iter().any(names)
    }

    /// Its initialiser, behind the lens `L`; reported, like its value, at the
    /// field's type.
    pub(super) fn init(&self, cx: &Cx<'_>, step: StepMode) -> TokenStream {
        let (member, value) =
            (at_start_of(&self.field.place, &self.field.ty), self.build(cx, step));
        quote!(#member: #value,)
    }

    fn build(&self, cx: &Cx<'_>, step: StepMode) -> TokenStream {
        let (l, index, ty) = (&cx.l, self.index, &self.field.ty);
        let (step, mode) = match step {
            StepMode::Partial => (quote!(__sprag::Partial), quote!(__sprag::Partial)),
            StepMode::Whole => (quote!(__sprag::Whole), cx.of_lens("Mode")),
        };
        let lens = quote!(__sprag::Then<#l, #ty, #index, #step>);
        if self.field.role == FieldRole::Leaf {
            return quote!(<__sprag::LeafAt<#lens> as __sprag::Build<_>>::__PATHS);
        }
        let state = quote!(__sprag::State);
        let at = projection(ty, &state, quote!(__At<#lens>));
        // Inferred, it would be reported at the macro.
        let root = cx.of_lens("Root");
        let paths = projection(ty, &state, quote!(__Paths<#root, #mode>));
        projection_at(ty, at, &quote!(__sprag::Build<#paths>), quote!(__PATHS))
    }

    /// Its name and shape: a literal, because a call costs the compiler more.
    pub(super) fn shape(&self) -> TokenStream {
        let ModelField { text, skipped_by_serde, ty, role, .. } = self.field;
        let shape = match role {
            FieldRole::Leaf => quote!(__sprag::__shape_of_leaf::<#ty>()),
            _ => projection(ty, &quote!(__sprag::State), quote!(__SHAPE)),
        };
        quote!(__sprag::ShapeField {
            name: #text, skipped: #skipped_by_serde, offset: 0, shape: #shape
        })
    }

    /// The note of the place, unless the place is ordinary.
    pub(super) fn note(&self) -> Option<TokenStream> {
        let ModelField {
            wire, flattened, two_names, unread, skipped_by_serde, docs, aliases, ..
        } = self.field;
        let custom = self.field.custom.is_some();
        let flat = flattened.is_some();
        let doc = doc_text(docs);
        let reading = match (unread, two_names) {
            (true, _) if !skipped_by_serde => quote!(Never),
            (false, true) => quote!(OtherName),
            _ => quote!(Usual),
        };
        let is_read = !two_names && (*skipped_by_serde || !unread);
        if wire.is_none() && !flat && is_read && doc.is_empty() && aliases.is_empty() && !custom {
            return None;
        }
        let (index, wire) = (self.index, option(wire.as_ref()));
        Some(quote! {
            __sprag::Note {
                of: __sprag::Noted::Place(#index),
                wire: #wire,
                flat: #flat,
                reading: __sprag::Reading::#reading,
                custom: #custom,
                aliases: &[#(#aliases),*],
                doc: #doc,
            }
        })
    }
}

/// The user's documentation of a field, or a sentence in its place.
pub(super) fn docs(place: &FieldPlace<'_>) -> TokenStream {
    let docs = &place.field.docs;
    let has_doc = docs.iter().any(|attr| attr.path().is_ident("doc"));
    let name = place.field.place.to_token_stream().to_string();
    let doc = format!("The field `{}`.", name.trim_start_matches("r#"));
    let doc = (!has_doc).then(|| quote!(#[doc = #doc]));
    quote!(#doc #(#docs)*)
}

/// The visibility of a field without a name, never empty. A field begins with this token; a
/// token of the macro there keeps the user's lints away from the field.
pub(super) fn visibility_without_name(vis: &TokenStream) -> TokenStream {
    if vis.is_empty() { quote!(pub(self)) } else { generated(vis) }
}

/// The documentation and the written name of a variant as a note, where there is any.
pub(super) fn note_on_variant(index: usize, variant: &ModelVariant) -> Option<TokenStream> {
    let doc = doc_text(&variant.docs);
    if doc.is_empty() && variant.wire.is_none() && !variant.untagged && !variant.custom {
        return None;
    }
    let wire = option(variant.wire.as_ref());
    let (untagged, custom) = (variant.untagged, variant.custom);
    Some(quote! {
        __sprag::Note {
            of: __sprag::Noted::Variant(#index),
            wire: #wire,
            flat: #untagged,
            reading: __sprag::Reading::Usual,
            custom: #custom,
            aliases: &[],
            doc: #doc,
        }
    })
}

fn option(value: Option<impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}

/// `impl Tv { pub const PATHS: … }`
pub(super) fn root(cx: &Cx<'_>, paths_type: &TokenStream) -> TokenStream {
    let Cx { item, private, .. } = cx;
    let (params, clause, allows) = (cx.params(), cx.clause(), cx.allows());
    let (vis, self_ty) = (&item.vis, &item.self_ty);
    let doc = format!("The places in a `{}`, as paths.", item.ident);
    quote! {
        #[automatically_derived]
        #allows
        impl<#params> #self_ty #clause {
            #[doc = #doc]
            #vis const PATHS: #paths_type = #private::root::<Self>();
        }
    }
}

/// `PATHS` of a type with paths of its own.
pub(super) fn root_of_tree(cx: &Cx<'_>) -> TokenStream {
    let private = &cx.private;
    let whole = quote!(#private::Whole);
    root(cx, &cx.paths_type(&cx.item.self_ty, &whole))
}

/// The head of `TvPaths`: documentation, name and parameters.
pub(super) fn head(cx: &Cx<'_>) -> TokenStream {
    let Cx { item, private, r, m, paths, .. } = cx;
    let (vis, params, allows) = (&item.vis, cx.params(), cx.allows());
    let doc = format!("Paths to the places in a `{}` that is part of an `{r}`.", item.ident);
    quote! {
        #[doc = #doc]
        #allows
        #vis struct #paths<
            #params
            #r: #private::State,
            #m: #private::Mode = #private::Whole,
        >
    }
}

/// Where a type's paths hold the path to the whole value.
pub(super) enum Own {
    Named(Ident),
    PastTheEnd(Index),
}

impl Own {
    fn init(&self, path: &TokenStream) -> TokenStream {
        match self {
            Self::Named(name) => quote!(#name: #path,),
            Self::PastTheEnd(index) => quote!(#index: __sprag::PastTheEnd::__of(#path),),
        }
    }

    fn read(&self, this: &Ident) -> TokenStream {
        match self {
            Self::Named(name) => quote!(#this.#name),
            Self::PastTheEnd(index) => quote!(#this.#index.__own()),
        }
    }
}

/// The type of the field that leads to the whole value.
pub(super) fn own_path(cx: &Cx<'_>) -> TokenStream {
    let Cx { item, private, r, m, .. } = cx;
    let self_ty = &item.self_ty;
    quote!(#private::Path<#r, #self_ty, #m>)
}

/// The impls of `TvPaths`. `own` is where it holds its own path, `fields` are the
/// others' initialisers, each followed by a comma.
pub(super) fn impls(cx: &Cx<'_>, own: &Own, fields: &TokenStream) -> TokenStream {
    let (build, read) = (build_impl(cx, own, fields), read_impls(cx, own));
    quote!(#build #read)
}

/// `impl Build for __SpragAt`: the paths that are built for the place of a lens.
fn build_impl(cx: &Cx<'_>, own: &Own, fields: &TokenStream) -> TokenStream {
    let Cx { item, l, paths, .. } = cx;
    let (params, clause, self_ty) = (cx.params(), cx.clause(), &item.self_ty);
    let built = cx.paths_type(&cx.of_lens("Root"), &cx.of_lens("Mode"));
    let by_ref = (!cx.by_value()).then(|| quote!(&));
    let own = own.init(&quote!(<__sprag::PathAt<#l> as __sprag::Build<_>>::__PATHS));
    quote! {
        #[doc(hidden)]
        pub struct __SpragAt<#l>(::core::marker::PhantomData<fn() -> #l>);

        impl<#params #l: __sprag::Lens<Target = #self_ty>> __sprag::Build<#built> for __SpragAt<#l> #clause {
            const __PATHS: #built = #by_ref #paths {
                #fields
                #own
            };
        }
    }
}

/// The impls that read the path to the whole value, and the copy of the paths.
fn read_impls(cx: &Cx<'_>, own: &Own) -> TokenStream {
    let Cx { item, r, m, .. } = cx;
    let (params, clause, self_ty) = (cx.params(), cx.clause(), &item.self_ty);
    let (r_tokens, m_tokens) = (r.to_token_stream(), m.to_token_stream());
    let this = cx.paths_struct(&r_tokens, &m_tokens);
    let place = cx.paths_type(&r_tokens, &m_tokens);
    let by_value = Ident::new("self", item.ident.span());
    let read = own.read(&by_value);
    // A reference can be copied directly.
    let copy = cx
        .by_value()
        .then(|| copy(&quote!(#params #r: __sprag::State, #m: __sprag::Mode), &this, &clause));
    quote! {
        #copy

        impl<#params #r: __sprag::State, #m: __sprag::Mode> #this #clause {
            /// The path to the whole value, to be stored or composed.
            #[inline]
            #[must_use]
            pub const fn path(&#by_value) -> __sprag::Path<#r, #self_ty, #m> {
                #read
            }
        }

        #[automatically_derived]
        impl<#params #r: __sprag::State, #m: __sprag::Mode> __sprag::Place<#r> for #place #clause {
            type Value = #self_ty;
            type Mode = #m;
            type __Walk = __sprag::Access<#r, #self_ty>;

            #[inline]
            fn __walk(#by_value) -> __sprag::Access<#r, #self_ty> {
                __sprag::Place::__walk(#read)
            }
        }
    }
}

/// `Clone` and `Copy` without bounds.
pub(super) fn copy(params: &TokenStream, this: &TokenStream, clause: &TokenStream) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl<#params> ::core::clone::Clone for #this #clause {
            #[inline]
            fn clone(&self) -> #this {
                *self
            }
        }

        #[automatically_derived]
        impl<#params> ::core::marker::Copy for #this #clause {}
    }
}
