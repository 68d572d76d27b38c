//! The `impl` block, parsed item by item, so that an unfinished item does not hide the
//! others. The bodies of functions are not parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, ImplItem, ItemImpl};

use crate::errors::Errors;

/// A block: its items without the bodies of functions, and the tokens of each item.
pub(super) struct Block {
    pub(super) item: ItemImpl,
    /// The tokens of each item as the user wrote them; a function without its attributes.
    written: Vec<TokenStream>,
}

impl Block {
    /// Reads the block in `tokens`, without the items that do not parse; `None` if `tokens`
    /// is not an `impl` block.
    pub(super) fn read(tokens: TokenStream, errors: &Errors) -> Option<Self> {
        let mut head: Vec<TokenTree> = tokens.into_iter().collect();
        let body = match head.pop()? {
            TokenTree::Group(body) if body.delimiter() == Delimiter::Brace => body,
            _ => return None,
        };
        head.push(without_content(&body));
        let item = syn::parse2(TokenStream::from_iter(head)).ok()?;
        let mut block = Self { item, written: Vec::new() };
        for piece in pieces(body.stream()) {
            block.take(&piece, errors);
        }
        Some(block)
    }

    /// Adds the item in `piece`. If the beginning of `piece` does not parse, adds the item
    /// after it.
    fn take(&mut self, piece: &[TokenTree], errors: &Errors) {
        let readable = |piece: &[TokenTree]| {
            let item = item(piece).ok()?;
            let written = written(&item, piece)?;
            Some((item, written))
        };
        if let Err(error) = item(piece) {
            errors.at(TokenStream::from_iter(piece.iter().cloned()), error);
        }
        let read = (0..piece.len()).find_map(|start| readable(&piece[start..]));
        let Some((item, written)) = read else { return };
        self.item.items.push(item);
        self.written.push(written);
    }

    /// Removes `new`, so that the compiler does not repeat an error about it.
    pub(super) fn remove_new(&mut self) {
        let is_new = |item: &ImplItem| matches!(item, ImplItem::Fn(new) if new.sig.ident == "new");
        let kept: Vec<bool> = self.item.items.iter().map(|item| !is_new(item)).collect();
        let mut keep = kept.iter().copied();
        self.item.items.retain(|_| keep.next() == Some(true));
        let mut keep = kept.into_iter();
        self.written.retain(|_| keep.next() == Some(true));
    }
}

/// Writes the user's own tokens, so that the compiler and an editor see them at their
/// original place.
impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let items = self.item.items.iter().zip(&self.written).map(|(item, written)| match item {
            ImplItem::Fn(function) => {
                let attrs = &function.attrs;
                quote!(#(#attrs)* #written)
            }
            _ => written.clone(),
        });
        let items = vec![ImplItem::Verbatim(items.collect())];
        ItemImpl { items, ..self.item.clone() }.to_tokens(tokens);
    }
}

fn without_content(group: &Group) -> TokenTree {
    let mut empty = Group::new(group.delimiter(), TokenStream::new());
    empty.set_span(group.span());
    TokenTree::Group(empty)
}

/// The tokens of each item: an item ends with a function's body or a semicolon.
fn pieces(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let (mut pieces, mut piece) = (Vec::new(), Vec::new());
    for token in tokens {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && is_whole(&piece),
            _ => false,
        };
        piece.push(token);
        if ends {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces.extend((!piece.is_empty()).then_some(piece));
    pieces
}

/// Whether braces after `piece` end an item: `piece` contains `fn name`, or ends with a
/// macro's `!`.
fn is_whole(piece: &[TokenTree]) -> bool {
    let names_fn = |pair: &[TokenTree]| match pair {
        [TokenTree::Ident(word), TokenTree::Ident(_)] => word == "fn",
        _ => false,
    };
    let is_bang = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == '!');
    piece.windows(2).any(names_fn) || piece.last().is_some_and(is_bang)
}

/// The item in `piece`, a function without its body.
fn item(piece: &[TokenTree]) -> syn::Result<ImplItem> {
    let mut tokens = piece.to_vec();
    if let Some(TokenTree::Group(body)) = tokens.last() {
        let empty = without_content(body);
        tokens.pop();
        tokens.push(empty);
    }
    syn::parse2(tokens.into_iter().collect())
}

/// The tokens of `piece`; for a function, without its attributes.
fn written(item: &ImplItem, piece: &[TokenTree]) -> Option<TokenStream> {
    let behind_attributes = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<TokenStream>()
    };
    let piece = piece.iter().cloned().collect();
    match item {
        ImplItem::Fn(_) => behind_attributes.parse2(piece).ok(),
        _ => Some(piece),
    }
}
