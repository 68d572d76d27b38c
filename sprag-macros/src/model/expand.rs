//! Writes the impls. Thin shims all: what runs is in the runtime.
//!
//! Each function body costs the user compile time, so there is one for a field, the
//! patch's builder; all else is one body for all fields of a type, whose statements
//! are calls without branches.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::GenericParam;
use syn::ext::IdentExt as _;

use self::needs::StateNeeds;
use super::item::{Item, ItemKind};
use crate::tokens::{free_name, generated_span, replace_self, spanned};

mod ability;
mod enums;
mod form;
mod needs;
mod patch;
mod paths;
mod state;
mod structs;

pub(crate) fn expand(item: &Item) -> TokenStream {
    let cx = Cx::new(item);
    match &item.kind {
        ItemKind::Nothing => TokenStream::new(),
        ItemKind::Leaf(variants) => state::leaf(&cx, variants),
        ItemKind::Struct(body) => structs::expand(&cx, body),
        ItemKind::Enum(variants) => enums::expand(&cx, variants),
    }
}

/// The common context of all parts of an expansion.
struct Cx<'a> {
    item: &'a Item,
    /// The name of `::sprag::__private`, for the code beside the item.
    private: TokenStream,
    /// The path of the field that leads to the whole value: `path`, unless a field of
    /// the user's is called so.
    whole: Ident,
    /// Names of type parameters: the root, the mode, the lens.
    r: Ident,
    m: Ident,
    l: Ident,
    /// `TvPaths`.
    paths: Ident,
    /// The item's parameters, each followed by a comma.
    params: Vec<ModelParam>,
    /// The item's where clauses, and those that its field types need.
    preds: Vec<TokenStream>,
    /// The same for code that needs no `State`.
    own_preds: Vec<TokenStream>,
}

/// A type or const parameter of the item.
struct ModelParam {
    /// With its bounds and `State` where paths need it.
    state: TokenStream,
    /// With its bounds and `'static`.
    own: TokenStream,
    /// With its own bounds and its default.
    decl: TokenStream,
    name: TokenStream,
    is_type: bool,
}

impl<'a> Cx<'a> {
    fn new(item: &'a Item) -> Self {
        let private = format_ident!("__sprag_for_{}", item.ident.unraw()).into_token_stream();
        let needs = StateNeeds::of(item);
        let params =
            item.generics.params.iter().map(|param| ModelParam::of(param, item, &needs, &private));
        let params = params.collect::<Option<Vec<_>>>().unwrap_or_default();
        let clause = item.generics.where_clause.as_ref();
        let own = clause.into_iter().flat_map(|clause| &clause.predicates);
        let own = own.map(|pred| replace_self(pred.to_token_stream(), &item.self_ty));
        let own_preds: Vec<TokenStream> = own.collect();
        let projected = needs.projections.iter().map(|ty| quote!(#ty: #private::State));
        let preds = own_preds.iter().cloned().chain(projected).collect();
        Self {
            item,
            r: free_name("R", &item.words),
            m: free_name("M", &item.words),
            l: free_name("L", &item.words),
            paths: paths_name(item),
            whole: whole(item),
            private,
            params,
            preds,
            own_preds,
        }
    }

    /// `L::Root` inside of the expansion, in full: where the crate is unknown, the
    /// short form is an error of its own.
    fn of_lens(&self, name: &str) -> TokenStream {
        let (l, name) = (&self.l, local(name));
        quote!(<#l as __sprag::Lens>::#name)
    }

    /// The one mention of the crate, so that a wrong one is one error.
    fn import(&self) -> TokenStream {
        let (krate, private) = (&self.item.krate, &self.private);
        quote!(use #krate::__private as #private;)
    }

    /// Whether a constant cannot contain a reference to the paths, because a type parameter
    /// hides their contents.
    fn by_value(&self) -> bool {
        self.params.iter().any(|param| param.is_type)
    }

    /// `T: State, const N: usize,`
    fn params(&self) -> TokenStream {
        self.params.iter().map(|ModelParam { state, .. }| quote!(#state,)).collect()
    }

    /// The same for code that needs no `State`.
    fn own_params(&self) -> TokenStream {
        self.params.iter().map(|ModelParam { own, .. }| quote!(#own,)).collect()
    }

    /// `T, N,`
    fn args(&self) -> TokenStream {
        self.params.iter().map(|ModelParam { name, .. }| quote!(#name,)).collect()
    }

    /// `where …`
    fn clause(&self) -> TokenStream {
        where_clause(&self.preds)
    }

    /// The paths of the item under `root`: `TvPaths<R, M>`.
    fn paths_struct(&self, root: &TokenStream, mode: &TokenStream) -> TokenStream {
        let (paths, args) = (&self.paths, self.args());
        // All at one span: where the paths are held by value, the compiler reports a field that
        // is not `State` here too, once.
        spanned(&quote!(#paths<#args #root, #mode>), self.item.ident.span())
    }

    /// The item's type in the paths around it.
    fn paths_type(&self, root: &TokenStream, mode: &TokenStream) -> TokenStream {
        let paths = self.paths_struct(root, mode);
        if self.by_value() { paths } else { quote!(&'static #paths) }
    }

    /// The user's own `#[allow]`s for every generated item. There is none of
    /// ours, because an `allow` under a user's `forbid` is an error: the marked
    /// spans keep lints away.
    fn allows(&self) -> TokenStream {
        let allows = &self.item.allows;
        let deprecated = self.item.deprecated.then(|| quote!(#[allow(deprecated)]));
        quote!(#(#allows)* #deprecated)
    }
}

fn where_clause(preds: &[TokenStream]) -> TokenStream {
    if preds.is_empty() { TokenStream::new() } else { quote!(where #(#preds,)*) }
}

impl ModelParam {
    fn of(
        param: &GenericParam,
        item: &Item,
        needs: &StateNeeds,
        private: &TokenStream,
    ) -> Option<Self> {
        Some(match param {
            GenericParam::Lifetime(_) => return None,
            GenericParam::Type(param) => {
                let (name, bounds) = (&param.ident, &param.bounds);
                let bounds = bounds.iter().map(|bound| replace_self(quote!(#bound), &item.self_ty));
                let bounds: TokenStream = bounds.map(|bound| quote!(#bound +)).collect();
                let state = if needs.params.contains(name) {
                    // At the parameter, since messages quote it.
                    spanned(&quote!(#private::State), generated_span(name.span()))
                } else {
                    quote!('static)
                };
                let default = param.default.as_ref().map(|(eq, ty)| quote!(#eq #ty));
                Self {
                    state: quote!(#name: #bounds #state),
                    own: quote!(#name: #bounds 'static),
                    decl: quote!(#name: #bounds 'static #default),
                    name: name.to_token_stream(),
                    is_type: true,
                }
            }
            GenericParam::Const(param) => {
                let (name, ty) = (&param.ident, &param.ty);
                let default = param.default.as_ref().map(|(eq, value)| quote!(#eq #value));
                Self {
                    state: quote!(const #name: #ty),
                    own: quote!(const #name: #ty),
                    decl: quote!(const #name: #ty #default),
                    name: name.to_token_stream(),
                    is_type: false,
                }
            }
        })
    }
}

/// `TvPaths`, or the name that the user chose.
fn paths_name(item: &Item) -> Ident {
    let ident = &item.ident;
    let usual = || format_ident!("{}Paths", ident.unraw(), span = ident.span());
    item.paths.clone().unwrap_or_else(usual)
}

/// `path`, or a name that is free beside a field or a variant of that name.
///
/// Messages list it among a model's fields.
fn whole(item: &Item) -> Ident {
    let variants = match &item.kind {
        ItemKind::Enum(variants) => &variants[..],
        _ => &[],
    };
    let is_taken = |name: &String| {
        item.words.contains(name) || variants.iter().any(|variant| variant.place == name)
    };
    let mut name = "path".to_owned();
    while is_taken(&name) {
        name.push('_');
    }
    local(&name)
}

/// A name of ours inside of the expansion.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}
