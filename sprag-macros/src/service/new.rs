//! The `new` of a service: its parameters and its return type.

use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, ImplItem, ItemImpl, PathArguments, ReturnType, Safety,
    Signature, Type,
};

use crate::errors::Errors;
use crate::near::nearest;
use crate::tokens::text;

/// A `new` without mistakes.
pub(crate) struct New {
    pub(crate) sig: Signature,
    pub(crate) params: Vec<NewParam>,
}

/// One parameter of `new`.
pub(crate) struct NewParam {
    /// The type, without the `&`.
    pub(crate) ty: Type,
    pub(crate) by_ref: bool,
    /// The parameter's `#[cfg]`s.
    pub(crate) cfgs: Vec<Attribute>,
}

impl New {
    /// The block's `new`; a missing or wrong one is an error.
    pub(crate) fn find(item: &ItemImpl, errors: &Errors) -> Option<Self> {
        let Some(sig) = Self::signature(item) else {
            let service = &item.self_ty;
            let message = "a service needs a `new` in this block; write `fn new() -> Self { … }`, \
                           or move these methods to the block that has it";
            errors.at(service, message);
            return None;
        };
        Self::read(sig, errors)
    }

    pub(crate) fn signature(item: &ItemImpl) -> Option<&Signature> {
        item.items.iter().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == "new" => Some(&function.sig),
            _ => None,
        })
    }

    fn read(sig: &Signature, errors: &Errors) -> Option<Self> {
        let (mut params, mut understood) = (Vec::new(), true);
        if !sig.generics.params.is_empty() {
            let message = "a service's `new` cannot be generic; name the types, or make the \
                           service generic";
            errors.at(&sig.generics, message);
            understood = false;
        }
        if let Safety::Unsafe(word) = &sig.safety {
            errors.at(word, "the app calls `new`; remove `unsafe`");
            understood = false;
        }
        if let ReturnType::Default = sig.output {
            errors
                .at(&sig.ident, "`new` returns the service; write `-> Self` or `-> Result<Self>`");
            understood = false;
        }
        for input in &sig.inputs {
            match NewParam::read(input, errors) {
                Some(param) => params.push(param),
                None => understood = false,
            }
        }
        understood.then(|| Self { sig: sig.clone(), params })
    }

    /// The span of the return type, for messages about the type.
    pub(crate) fn output(&self) -> proc_macro2::Span {
        match &self.sig.output {
            ReturnType::Type(_, ty) => ty.span(),
            ReturnType::Default => self.sig.ident.span(),
        }
    }
}

impl NewParam {
    fn read(input: &FnArg, errors: &Errors) -> Option<Self> {
        let typed = match input {
            FnArg::Typed(typed) => typed,
            FnArg::Receiver(receiver) => {
                errors.at(receiver, "`new` makes the service, so it takes no `self`; remove it");
                return None;
            }
        };
        let (ty, by_ref) = match &*typed.ty {
            Type::Reference(reference) if reference.mutability.is_none() => {
                (&*reference.elem, true)
            }
            ty => (ty, false),
        };
        if !is_known(ty) {
            errors.at(&typed.ty, refusal(&typed.ty));
            return None;
        }
        if let (Some("Config"), Some(value @ Type::TraitObject(_))) =
            (last_segment(ty).as_deref(), argument(ty))
        {
            let value = text(value);
            let message = format!(
                "a value of an app has a size; write `Config<Arc<{value}>>`, or take a service as \
                 `Handle<{value}>`"
            );
            errors.at(ty, message);
            return None;
        }
        let cfgs = typed.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned();
        Some(Self { ty: ty.clone(), by_ref, cfgs: cfgs.collect() })
    }
}

/// The types that `new` can take.
const KNOWN: &[&str] = &["Handle", "Config", "Bus", "Scope"];

/// The message for a parameter of another type.
fn refusal(ty: &Type) -> String {
    let written = text(ty);
    if let Type::Reference(reference) = ty
        && is_known(&reference.elem)
    {
        let known = text(&reference.elem);
        return format!("`new` cannot take a `{written}`; write `{known}` or `&{known}`");
    }
    let near = last_segment(ty).and_then(|name| nearest(&name, KNOWN));
    if let Some(near) = near {
        return format!("`new` cannot take a `{written}`; did you mean `{near}`?");
    }
    format!(
        "`new` cannot take a `{written}`; it takes `Handle<Service>`, `Option<Handle<Service>>`, \
         `Vec<Handle<dyn Trait>>`, `Config<Value>`, `Bus` and `&Scope`, in any order"
    )
}

/// Whether `ty` is written like a parameter that the app can pass.
pub(crate) fn is_known(ty: &Type) -> bool {
    match last_segment(ty).as_deref() {
        Some("Option" | "Vec") => {
            argument(ty).and_then(last_segment).is_some_and(|name| name == "Handle")
        }
        Some(name) => KNOWN.contains(&name),
        None => false,
    }
}

/// The `T` of `Option<T>`.
pub(crate) fn argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(arguments) = &path.path.segments.last()?.arguments else {
        return None;
    };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The last segment of the path that `ty` is.
pub(crate) fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Paren(paren) => last_segment(&paren.elem),
        Type::Group(group) => last_segment(&group.elem),
        _ => None,
    }
}

/// Whether `ty` is a path whose last segment is `name`, without arguments.
pub(crate) fn is_plain(ty: &Type, name: &str) -> bool {
    match ty {
        Type::Path(path) => path.path.segments.last().is_some_and(|segment| {
            segment.ident == name && matches!(segment.arguments, PathArguments::None)
        }),
        _ => false,
    }
}
