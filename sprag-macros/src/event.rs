//! `#[derive(Event)]`: parse, check, expand.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, GenericParam, LitStr, Meta, Path, Token, parse_quote};

use crate::errors::Errors;
use crate::options::{GivenOptions, Opt, option, split};
use crate::snake::snake;
use crate::tokens::{generated, generated_span};

/// The impl of one event, and every mistake in it.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let input = errors.ok(syn::parse2::<DeriveInput>(tokens));
    let expanded = input.map(|input| {
        let options = Options::read(&input.attrs, &errors);
        check(&input, &errors);
        event_impl(input, options)
    });
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// The options of `#[event(…)]`.
#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    krate: Option<Path>,
    given: GivenOptions,
}

impl Options {
    fn read(attrs: &[Attribute], errors: &Errors) -> Self {
        let mut found = Self::default();
        for attr in attrs.iter().filter(|attr| attr.path().is_ident("event")) {
            let Meta::List(list) = &attr.meta else {
                let message = "`event` needs its name in parentheses; write \
                               `#[event(\"storage:mount_changed\")]`";
                errors.at(attr, message);
                continue;
            };
            for piece in split(list.tokens.clone()) {
                found.piece(piece, errors);
            }
        }
        found
    }

    fn piece(&mut self, piece: TokenStream, errors: &Errors) {
        if let Ok(name) = syn::parse2::<LitStr>(piece.clone()) {
            self.named(name, errors);
        } else if let Some(option) = option(piece, errors) {
            self.option(&option, errors);
        }
    }

    fn named(&mut self, name: LitStr, errors: &Errors) {
        if self.name.is_some() {
            errors.at(&name, "an event has one name; remove this one");
            return;
        }
        if name.value().is_empty() {
            let message = "an event's name must not be empty; write one, or remove `event` to be \
                           named after the type";
            errors.at(&name, message);
        }
        self.name = Some(name);
    }

    fn option(&mut self, option: &Opt, errors: &Errors) {
        if option.name != "crate" {
            option.unknown(errors, "`event`", &["crate"]);
        } else if self.given.is_first(option, errors) {
            self.krate = option.expect_path(errors);
        }
    }
}

/// An event is sent to listeners that may outlive every borrow.
fn check(input: &DeriveInput, errors: &Errors) {
    for param in input.generics.lifetimes() {
        let lifetime = &param.lifetime;
        let message = format!(
            "listeners outlive every borrow, so `Event` takes no lifetimes; replace `{lifetime}` \
             by owned data, such as `String` for `&{lifetime} str`"
        );
        errors.at(lifetime, message);
    }
}

fn event_impl(input: DeriveInput, options: Options) -> TokenStream {
    let DeriveInput { ident, mut generics, .. } = input;
    let krate = options.krate.map_or_else(|| quote!(::sprag), |krate| generated(&krate));
    let name = options.name.map_or_else(
        || LitStr::new(&snake(&ident.unraw().to_string()), ident.span()),
        |name| LitStr::new(&name.value(), generated_span(name.span())),
    );
    let arguments = generics.params.iter().map(|param| match param {
        GenericParam::Lifetime(_) => quote!('static),
        GenericParam::Type(param) => param.ident.to_token_stream(),
        GenericParam::Const(param) => param.ident.to_token_stream(),
    });
    let arguments: Vec<TokenStream> = arguments.collect();
    let owned = generics.params.into_iter().filter(|p| !matches!(p, GenericParam::Lifetime(_)));
    generics.params = owned.collect::<Punctuated<_, Token![,]>>();
    for param in generics.type_params_mut() {
        // Without these the impl would not hold, and there is nothing to gain
        // from saying so to the user.
        let bounds: [syn::TypeParamBound; 3] = [
            parse_quote!(::core::marker::Send),
            parse_quote!(::core::marker::Sync),
            parse_quote!('static),
        ];
        param.bounds.extend(bounds);
    }
    let (params, _, clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #params #krate::__private::Event for #ident<#(#arguments),*> #clause {
            const NAME: &'static ::core::primitive::str = #name;
        }
    }
}
