//! `path!`: a place in the spelling of an expression, with keys in brackets.
//!
//! The macro does not know the types behind a key, so each run of fields behind a key
//! becomes a closure, whose parameter's type the compiler knows.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{Expr, Lit, Member, Token, TypePath, bracketed, parenthesized, token};

use crate::errors::Errors;
use crate::tokens::generated_span;

/// The place, or every mistake in how it is written.
pub(crate) fn expand(tokens: TokenStream) -> TokenStream {
    let errors = Errors::new();
    let place = errors.ok(syn::parse2::<SpelledPlace>(tokens));
    let expanded = place.map(|place| place.expand());
    let errors = errors.finish();
    quote!(#expanded #errors)
}

/// A place in the user's spelling: `sprag; Chat.rooms[room].members[user].unread`.
struct SpelledPlace {
    krate: TokenStream,
    root: TypePath,
    steps: Vec<PathStep>,
}

enum PathStep {
    /// `.rooms`, `.0`
    Field(Member),
    /// `[room]`
    Entry(Expr, Span),
    /// `?`
    Some(Span),
    /// `.deref()`
    Method(Ident, TokenStream),
}

impl Parse for SpelledPlace {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let krate = input.parse::<TokenTree>()?.into_token_stream();
        input.parse::<Token![;]>()?;
        let root = input.parse()?;
        let mut steps = Vec::new();
        while !input.is_empty() {
            step(input, &mut steps)?;
        }
        Ok(Self { krate, root, steps })
    }
}

fn step(input: ParseStream<'_>, steps: &mut Vec<PathStep>) -> syn::Result<()> {
    if input.peek(token::Bracket) {
        let content;
        let bracket = bracketed!(content in input);
        steps.push(PathStep::Entry(content.parse()?, bracket.span.join()));
        return Ok(());
    }
    if let Some(mark) = input.parse::<Option<Token![?]>>()? {
        steps.push(PathStep::Some(mark.span()));
        return Ok(());
    }
    if !input.peek(Token![.]) {
        let message = "a step of a path is `.field`, `[key]`, `[index]` or `?`; write one of them";
        return Err(input.error(message));
    }
    input.parse::<Token![.]>()?;
    if let Some(literal) = input.parse::<Option<Lit>>()? {
        return numbers(&literal, steps);
    }
    let name = Ident::parse_any(input)?;
    if input.peek(token::Paren) {
        let arguments;
        parenthesized!(arguments in input);
        steps.push(PathStep::Method(name, arguments.parse()?));
    } else {
        steps.push(PathStep::Field(Member::Named(name)));
    }
    Ok(())
}

/// `.0`, and `.0.1`, which is one number to the compiler.
fn numbers(literal: &Lit, steps: &mut Vec<PathStep>) -> syn::Result<()> {
    for digits in literal.to_token_stream().to_string().split('.') {
        let index = digits.parse::<u32>();
        let message = "a field of a tuple is a number; write `.0`";
        let index = index.map_err(|_| syn::Error::new(literal.span(), message))?;
        steps.push(PathStep::Field(Member::Unnamed(syn::Index { index, span: literal.span() })));
    }
    Ok(())
}

impl SpelledPlace {
    fn expand(&self) -> TokenStream {
        let Self { krate, root, steps } = self;
        let mut last = root.span();
        let mut place = quote!(#krate::path::root::<#root>());
        let (mut steps, mut is_keyed) = (&steps[..], false);
        while let [step, rest @ ..] = steps {
            steps = rest;
            place = match step {
                PathStep::Entry(key, _) => {
                    is_keyed = true;
                    // Where messages about the collection point.
                    let entry = Ident::new("entry", generated_span(last));
                    quote!(#place.#entry(#key))
                }
                PathStep::Field(_) if is_keyed => {
                    let count = rest.iter().take_while(|step| step.is_static()).count();
                    let (run, behind) = rest.split_at(count);
                    steps = behind;
                    let start = step.after(quote!(__place));
                    let run = run.iter().fold(start, |place, step| step.after(place));
                    quote!(#place.then_with(|__place| #run))
                }
                _ => {
                    is_keyed |= step.leads_to_a_key();
                    step.after(place)
                }
            };
            last = step.span();
        }
        place
    }
}

impl PathStep {
    /// Whether a static path stays static after this step.
    fn is_static(&self) -> bool {
        matches!(self, Self::Field(_) | Self::Some(_))
    }

    fn leads_to_a_key(&self) -> bool {
        matches!(self, Self::Method(name, _)
            if ["at", "key", "deref", "then"].iter().any(|known| name == known))
    }

    fn span(&self) -> Span {
        match self {
            Self::Field(member) => member.span(),
            Self::Entry(_, span) | Self::Some(span) => *span,
            Self::Method(name, _) => name.span(),
        }
    }

    /// The step behind `place`, in Rust.
    fn after(&self, place: TokenStream) -> TokenStream {
        match self {
            Self::Field(member) => quote!(#place.#member),
            Self::Some(mark) => quote_spanned!(*mark=> #place.some()),
            Self::Method(name, arguments) => quote!(#place.#name(#arguments)),
            Self::Entry(key, _) => quote!(#place[#key]),
        }
    }
}
