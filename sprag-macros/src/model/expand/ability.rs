//! Queries the compiler about types: whether they can be cloned, compared, written and
//! read. A bound would be an error where they cannot.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::visit_mut::{VisitMut, visit_type_path_mut};
use syn::{GenericArgument, Lifetime, PathArguments, Type, TypePath, TypeReference};

use super::Cx;
use super::paths::FieldPlace;
use crate::model::item::{Custom, FieldRole, Function};
use crate::model::types::type_arguments;
use crate::tokens::{projection, words};

/// The abilities of a type.
pub(super) fn of_type(ty: &impl ToTokens) -> TokenStream {
    quote! {
        __sprag::Abilities {
            clone: __sprag::Probe::<#ty>::CLONE,
            eq: __sprag::Probe::<#ty>::EQ,
            write: __sprag::Probe::<#ty>::WRITE,
            read: __sprag::Probe::<#ty>::READ,
        }
    }
}

/// The constants about the places of a type: their abilities, and the keys of maps
/// among them.
pub(super) fn of_places(cx: &Cx<'_>, places: &[&FieldPlace<'_>]) -> TokenStream {
    let parts = places.iter().map(|place| part(cx, place));
    let parts = (!places.is_empty())
        .then(|| quote!(const __PARTS: &'static [__sprag::AbilityPart] = &[#(#parts),*];));
    let keys = keys(places);
    let keys = (!keys.is_empty()).then(|| {
        quote! {
            const __KEYS: &'static [::core::option::Option<__sprag::KeyAbilities>] = &[#(#keys),*];
        }
    });
    quote!(#parts #keys)
}

fn part(cx: &Cx<'_>, place: &FieldPlace<'_>) -> TokenStream {
    let field = place.field;
    let ty = &field.ty;
    let own = match (&field.custom, field.role) {
        (Some(custom), _) => of_custom(cx, ty, custom),
        (None, FieldRole::Leaf) if is_owned(ty) => of_type(ty),
        (None, _) if has_arguments(ty) && is_owned(ty) => of_type(ty),
        _ => quote!(__sprag::Abilities::NONE),
    };
    let tree = match field.role {
        FieldRole::Node => {
            let tree = projection(ty, &quote!(__sprag::State), quote!(__ABILITY_TREE));
            quote!(::core::option::Option::Some(#tree))
        }
        _ => quote!(::core::option::Option::None),
    };
    let (custom, left_out) = (field.custom.is_some(), left_out(place));
    let inner = match field.role {
        FieldRole::Node if !custom => inner(ty),
        _ => Vec::new(),
    };
    quote! {
        __sprag::AbilityPart {
            own: #own, inner: &[#(#inner),*], tree: #tree, custom: #custom, left_out: #left_out
        }
    }
}

/// The abilities of the types that a field's type contains, up to the last one with
/// arguments that the runtime does not compose itself: a `Leaf<T>` in a list.
fn inner(ty: &Type) -> Vec<TokenStream> {
    let mut found = Vec::new();
    let (mut ty, mut known) = (ty, 0);
    while let Some(next) = content(ty) {
        let is_asked = content(next).is_none() && has_arguments(next) && is_owned(next);
        found.push(if is_asked { of_type(next) } else { quote!(__sprag::Abilities::NONE) });
        known = if is_asked { found.len() } else { known };
        ty = next;
    }
    found.truncate(known);
    found
}

/// The content of an `Option` or a box, or the item of a collection; recognised by the name.
fn content(ty: &Type) -> Option<&Type> {
    let path = match ty {
        Type::Array(array) => return Some(&array.elem),
        Type::Path(path) => path,
        _ => return None,
    };
    let (name, mut types) = type_arguments(path)?;
    match name.to_string().as_str() {
        "Option" | "Box" | "Arc" | "Vec" | "VecDeque" | "Vector" => types.next(),
        "HashMap" | "BTreeMap" | "IndexMap" | "OrdMap" => types.nth(1),
        _ => None,
    }
}

/// Calls the predicate of `skip_serializing_if`.
fn left_out(place: &FieldPlace<'_>) -> TokenStream {
    let (ty, Some(function)) = (&place.field.ty, &place.field.left_out_if) else {
        return quote!(::core::option::Option::None);
    };
    quote! {
        ::core::option::Option::Some(|__value| {
            __value.downcast_ref::<#ty>().is_some_and(|__value| #function(__value))
        })
    }
}

/// The abilities of a field that functions of the user's write and read.
///
/// One that borrows, or names a parameter, is written and read with its owner alone.
fn of_custom(cx: &Cx<'_>, ty: &Type, custom: &Custom) -> TokenStream {
    if !is_owned(ty) || names_parameters(cx, ty) {
        return quote!(__sprag::Abilities::NONE);
    }
    let macro_call = |name: TokenStream, function: &Option<Function>, method: TokenStream| {
        let (import, call) = match function {
            None => return quote!(::core::option::Option::None),
            Some(Function::Path(path)) => (quote!(), quote!(#path)),
            Some(Function::OfType(path)) => (quote!(), quote!(#path::#method)),
            Some(Function::OfModule(path)) => (quote!(use #path::*;), quote!(#method)),
        };
        quote!(__sprag::#name!(#ty, { #import }, #call))
    };
    let write = macro_call(quote!(__write_field), &custom.write, quote!(serialize));
    let read = macro_call(quote!(__read_field), &custom.read, quote!(deserialize));
    quote! {
        __sprag::Abilities {
            clone: __sprag::Probe::<#ty>::CLONE,
            eq: __sprag::Probe::<#ty>::EQ,
            write: #write,
            read: #read,
        }
    }
}

/// The keys of the maps in the fields' types. A type that is a bare name may be an alias
/// of a map.
fn keys(places: &[&FieldPlace<'_>]) -> Vec<TokenStream> {
    let (mut found, mut seen) = (Vec::new(), Vec::new());
    for place in places.iter().filter(|place| place.field.role == FieldRole::Node) {
        let mut keys = MapKeys::default();
        keys.visit_type_mut(&mut place.field.ty.clone());
        for key in keys.found {
            let text = key.to_token_stream().to_string();
            if !seen.contains(&text) && !KNOWN.contains(&&*text) && is_owned(&key) {
                found.push(quote! {
                    ::core::option::Option::Some(__sprag::KeyAbilities {
                        id: ::core::any::TypeId::of::<#key>(),
                        text: __sprag::Probe::<#key>::KEY_TEXT,
                        read: __sprag::Probe::<#key>::KEY_READ,
                    })
                });
                seen.push(text);
            }
        }
    }
    found
}

/// The keys of maps that the runtime knows.
const KNOWN: [&str; 14] = [
    "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128",
    "bool", "char",
];

/// Finds the first of two or more arguments: the key of a map.
#[derive(Default)]
struct MapKeys {
    found: Vec<Type>,
}

impl VisitMut for MapKeys {
    fn visit_type_path_mut(&mut self, path: &mut TypePath) {
        for segment in &path.path.segments {
            let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            let types: Vec<&Type> = types.collect();
            if let [key, _, ..] = types[..] {
                self.found.push(Type::clone(key));
            }
        }
        visit_type_path_mut(self, path);
    }
}

fn names_parameters(cx: &Cx<'_>, ty: &Type) -> bool {
    let words = words(ty.to_token_stream());
    cx.params.iter().any(|param| words.contains(&param.name.to_string()))
}

fn has_arguments(ty: &Type) -> bool {
    !matches!(ty, Type::Path(path) if path.path.segments.iter().all(|s| s.arguments.is_none()))
}

/// Whether the type names neither a reference nor a lifetime: the compiler does not
/// answer whether a borrowed string can be read, but refuses the question.
fn is_owned(ty: &Type) -> bool {
    #[derive(Default)]
    struct Borrows(bool);

    impl VisitMut for Borrows {
        fn visit_lifetime_mut(&mut self, _: &mut Lifetime) {
            self.0 = true;
        }

        fn visit_type_reference_mut(&mut self, _: &mut TypeReference) {
            self.0 = true;
        }
    }

    let mut borrows = Borrows::default();
    borrows.visit_type_mut(&mut ty.clone());
    !borrows.0
}
