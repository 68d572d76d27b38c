//! Field types that cannot be state, and the advice that each gets.
//!
//! The compiler would report them too, but once for each use of the type, or in
//! words that lead astray.

use syn::{GenericArgument, Ident, PathArguments, Type, TypePath};

use crate::tokens::text;

/// The reason why a field's type is not allowed.
pub(super) enum TypeProblem {
    /// The type has no size, so the item cannot be a model at all.
    Unsized(String),
    /// The type is a value that no path leads into.
    Opaque(String),
    /// The compiler reports the type itself.
    Reported,
    /// The type holds the item itself, which then has no end. The compiler reports the type,
    /// and every use of the item's size.
    Endless,
}

/// The problem of `ty` as a field of `item`, if the tokens show one.
pub(super) fn problem(ty: &Type, item: &Ident) -> Option<TypeProblem> {
    let written = text(ty);
    let no_size = |instead: &str| {
        Some(TypeProblem::Unsized(format!(
            "a `{written}` has no size of its own; write `{instead}`"
        )))
    };
    match ty {
        Type::Path(path) if path.path.is_ident("str") => no_size("String"),
        Type::Slice(slice) => no_size(&format!("Vec<{}>", text(&slice.elem))),
        Type::TraitObject(_) => no_size(&format!("Box<{written}>")),
        Type::Path(path) if path.path.is_ident(item) => Some(TypeProblem::Endless),
        Type::Path(path) => in_arguments(path, item),
        Type::Ptr(_) | Type::FnPtr(_) => Some(opaque(&written)),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(|ty| inside(ty, &written, item)),
        Type::Array(array) => inside(&array.elem, &written, item),
        Type::Paren(paren) => problem(&paren.elem, item),
        Type::Group(group) => problem(&group.elem, item),
        Type::Infer(_) | Type::ImplTrait(_) | Type::Never(_) => Some(TypeProblem::Reported),
        _ => None,
    }
}

fn opaque(written: &str) -> TypeProblem {
    TypeProblem::Opaque(format!(
        "no path leads into a `{written}`; mark the field `#[model(leaf)]` to hold it as one \
         opaque value"
    ))
}

/// The problem of a part is that of the whole, but a part may well have no size.
fn inside(part: &Type, whole: &str, item: &Ident) -> Option<TypeProblem> {
    match problem(part, item)? {
        TypeProblem::Unsized(_) => None,
        TypeProblem::Opaque(_) => Some(opaque(whole)),
        reported => Some(reported),
    }
}

/// The name of a generic type and its arguments that are types.
pub(super) fn type_arguments(path: &TypePath) -> Option<(&Ident, impl Iterator<Item = &Type>)> {
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    let types = arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    Some((&last.ident, types))
}

/// The contents that the well-known containers cannot hold: a `Box<dyn Trait>` is not
/// `State`, a `Handle<dyn Trait>` of the user's may be; an `Option` of the item itself has no
/// end, a `Box` of it has.
fn in_arguments(path: &TypePath, item: &Ident) -> Option<TypeProblem> {
    let (name, mut types) = type_arguments(path)?;
    match name.to_string().as_str() {
        "Option" => types.find_map(|ty| inside(ty, &text(path), item)),
        "Box" | "Arc" | "Vec" | "VecDeque" => types.find_map(|ty| match ty {
            Type::TraitObject(_) | Type::FnPtr(_) | Type::Ptr(_) => Some(opaque(&text(path))),
            _ => None,
        }),
        _ => None,
    }
}
