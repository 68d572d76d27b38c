//! Spans and names of generated tokens.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Member, Type};

/// `tokens` at their places, marked as written by a macro, so that the user's lints
/// ignore them.
pub(crate) fn generated(tokens: impl ToTokens) -> TokenStream {
    let mark = |token: TokenTree| match token {
        TokenTree::Group(group) => {
            let mut marked = Group::new(group.delimiter(), generated(group.stream()));
            marked.set_span(generated_span(group.span()));
            TokenTree::Group(marked)
        }
        mut token => {
            token.set_span(generated_span(token.span()));
            token
        }
    };
    tokens.into_token_stream().into_iter().map(mark).collect()
}

/// The place of `span`, marked as written by a macro.
pub(crate) fn generated_span(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// `tokens` with every `Self` replaced, at any depth.
pub(crate) fn replace_self(tokens: TokenStream, replacement: &TokenStream) -> TokenStream {
    let replace = |token: TokenTree| -> TokenStream {
        match token {
            TokenTree::Ident(ident) if ident == "Self" => spanned(replacement, ident.span()),
            TokenTree::Group(group) => {
                let stream = replace_self(group.stream(), replacement);
                let mut replaced = Group::new(group.delimiter(), stream);
                replaced.set_span(group.span());
                TokenTree::Group(replaced).into()
            }
            token => token.into(),
        }
    };
    tokens.into_iter().map(replace).collect()
}

/// Whether `self` occurs in `tokens`, at any depth.
pub(crate) fn has_self(tokens: TokenStream) -> bool {
    words(tokens).contains("self")
}

/// `tokens` with every `self` replaced by `__this`, at any depth.
pub(crate) fn replace_self_value(tokens: TokenStream) -> TokenStream {
    let replace = |token: TokenTree| match token {
        TokenTree::Ident(ident) if ident == "self" => Ident::new("__this", ident.span()).into(),
        TokenTree::Group(group) => {
            let mut replaced = Group::new(group.delimiter(), replace_self_value(group.stream()));
            replaced.set_span(group.span());
            TokenTree::Group(replaced)
        }
        token => token,
    };
    tokens.into_iter().map(replace).collect()
}

/// `tokens` with every outer token at `span`. If the first token of a path is at another
/// place than its last, the compiler underlines everything between them.
pub(crate) fn spanned(tokens: &TokenStream, span: Span) -> TokenStream {
    let at_span = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.clone().into_iter().map(at_span).collect()
}

/// `<#ty as #trait_>::#item`, with the first token at the type's start and the
/// last at its end.
///
/// A type without the trait is then reported at the type, and by the same message for
/// each mention; the compiler prints equal messages once.
pub(crate) fn projection(ty: &Type, trait_: &TokenStream, item: TokenStream) -> TokenStream {
    projection_at(ty, ty, trait_, item)
}

/// Like `projection`, for a type `ty` that was generated from the user's type `at`.
pub(crate) fn projection_at(
    at: &Type,
    ty: impl ToTokens,
    trait_: &TokenStream,
    item: TokenStream,
) -> TokenStream {
    let (first, last) = ends(at.to_token_stream());
    let open = quote_spanned!(first=> <);
    let mut item: Vec<TokenTree> = item.into_iter().collect();
    if let Some(end) = item.last_mut() {
        end.set_span(last);
    }
    let item = TokenStream::from_iter(item);
    quote!(#open #ty as #trait_>::#item)
}

/// `member` at the start of `ty`.
pub(crate) fn at_start_of(member: &Member, ty: &Type) -> Member {
    let (span, _) = ends(ty.to_token_stream());
    let mut member = member.clone();
    match &mut member {
        Member::Named(name) => name.set_span(span),
        Member::Unnamed(index) => index.span = span,
    }
    member
}

fn ends(tokens: TokenStream) -> (Span, Span) {
    let mut tokens = tokens.into_iter();
    let Some(first) = tokens.next() else { return (Span::call_site(), Span::call_site()) };
    let end = tokens.last().map_or_else(|| first.span(), |last| last.span());
    (first.span(), end)
}

/// Every word in `tokens`.
pub(crate) fn words(tokens: TokenStream) -> HashSet<String> {
    let mut words = HashSet::new();
    collect_words(tokens, &mut words);
    words
}

fn collect_words(tokens: TokenStream, words: &mut HashSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(ident) => drop(words.insert(ident.to_string())),
            TokenTree::Group(group) => collect_words(group.stream(), words),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// A name for a type parameter that is not in `taken`: `letter`, with underscores before
/// it where needed. Users see the name in messages, so it is short.
pub(crate) fn free_name(letter: &str, taken: &HashSet<String>) -> Ident {
    let mut name = letter.to_owned();
    while taken.contains(&name) {
        name = format!("__{name}");
    }
    Ident::new(&name, Span::call_site())
}

/// `tokens` as text, spaced as rustfmt would.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    let tokens = tokens.to_token_stream().to_string();
    let (mut text, mut before) = (String::new(), ' ');
    for word in tokens.split_whitespace() {
        let first = word.chars().next().unwrap_or(' ');
        let wordy = |c: char| c.is_alphanumeric() || c == '_';
        let apart = wordy(before) && wordy(first);
        let around = matches!(before, '+' | ',' | '=' | ';') || matches!(first, '+' | '=');
        if apart || (around && !text.is_empty()) {
            text.push(' ');
        }
        text.push_str(word);
        before = word.chars().last().unwrap_or(' ');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::text;
    use quote::quote;

    #[test]
    fn types_are_printed_as_they_are_written() {
        assert_eq!(text(quote!(Db<Primary>)), "Db<Primary>");
        assert_eq!(text(quote!(dyn Store + Send)), "dyn Store + Send");
        assert_eq!(text(quote!(storage::Pool<Key, u8>)), "storage::Pool<Key, u8>");
        assert_eq!(text(quote!(&mut str)), "&mut str");
    }
}
