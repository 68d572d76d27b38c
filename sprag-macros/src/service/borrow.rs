//! Services that borrow. A service with a lifetime is an error, and the only one: an app
//! that lists the service finds its type with `'static`.

use syn::visit_mut::VisitMut;
use syn::{AngleBracketedGenericArguments, GenericArgument, GenericParam, ItemImpl, Lifetime};
use syn::{PathArguments, PathSegment, Type, parse_quote};

use crate::seen::{self, SeenService};

/// The lifetimes for which the service borrows: those that the block declares, and each
/// `'_` in the service's type.
pub(super) fn lifetimes(item: &ItemImpl) -> Vec<Lifetime> {
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

/// The block with `'static` for each lifetime; `None` if the block has none.
pub(super) fn owned(item: &ItemImpl) -> Option<ItemImpl> {
    if item.trait_.is_some() || lifetimes(item).is_empty() {
        return None;
    }
    let mut item = item.clone();
    let mut count = Count(0);
    count.visit_type_mut(&mut item.self_ty);
    let params = std::mem::take(&mut item.generics.params).into_iter();
    let is_type = |param: &GenericParam| !matches!(param, GenericParam::Lifetime(_));
    item.generics.params = params.filter(is_type).collect();
    Count(0).visit_generics_mut(&mut item.generics);
    let name = without_arguments(&item.self_ty)?;
    seen::keep_service(&name, SeenService { lifetimes: count.0, ..SeenService::default() });
    Some(item)
}

/// Replaces and counts lifetimes.
struct Count(usize);

impl VisitMut for Count {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        self.0 += 1;
        *lifetime = Lifetime::new("'static", lifetime.span());
    }
}

/// The service `ty` of an app, with the lifetimes that its block was refused for.
pub(crate) fn as_listed(mut ty: Type) -> Type {
    let Some(name) = without_arguments(&ty) else { return ty };
    let missing = seen::service(&name).lifetimes;
    let Some(segment) = last_of(&mut ty).filter(|segment| missing > 0 && !has_lifetime(segment))
    else {
        return ty;
    };
    let arguments = std::mem::take(&mut segment.arguments);
    let lifetimes = (0..missing).map(|_| -> GenericArgument { parse_quote!('static) });
    let mut listed: AngleBracketedGenericArguments = parse_quote!(<>);
    listed.args.extend(lifetimes);
    if let PathArguments::AngleBracketed(written) = arguments {
        listed.args.extend(written.args);
    }
    segment.arguments = PathArguments::AngleBracketed(listed);
    ty
}

fn last_of(ty: &mut Type) -> Option<&mut PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last_mut(),
        _ => None,
    }
}

fn has_lifetime(segment: &PathSegment) -> bool {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
        }
        _ => false,
    }
}

/// `Library` for `library::Library<'a>`.
fn without_arguments(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let name = &path.path.segments.last()?.ident;
    Some(parse_quote!(#name))
}
