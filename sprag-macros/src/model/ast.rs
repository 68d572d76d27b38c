//! The item as the user wrote it, parsed field by field, so that an unfinished field does
//! not hide the others.

use std::collections::HashSet;

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Expr, Field, Generics, Token, Visibility, braced, parenthesized, token};

use crate::errors::Errors;
use crate::tokens::words;

/// A struct, an enum or a union.
pub(crate) struct Input {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) body: Body,
    /// Every word of the item, which our names keep clear of.
    pub(crate) words: HashSet<String>,
}

pub(crate) enum Body {
    Struct(FieldList),
    Enum(Vec<ParsedVariant>),
    Union(Token![union]),
}

pub(crate) struct FieldList {
    pub(crate) style: Style,
    pub(crate) list: Vec<Field>,
}

/// How the fields are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Named,
    Tuple,
    Unit,
}

pub(crate) struct ParsedVariant {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) ident: Ident,
    pub(crate) fields: FieldList,
}

/// The item in `tokens`; `None` where not even a head can be read.
pub(crate) fn parse(tokens: TokenStream, errors: &Errors) -> Option<Input> {
    let words = words(tokens.clone());
    errors.ok((|input: ParseStream<'_>| item(input, words, errors)).parse2(tokens))
}

fn item(input: ParseStream<'_>, words: HashSet<String>, errors: &Errors) -> syn::Result<Input> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    let kind = input.lookahead1();
    if kind.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        generics.where_clause = input.parse()?;
        let fields = fields(input, errors)?;
        if generics.where_clause.is_none() {
            generics.where_clause = input.parse()?;
        }
        input.parse::<Option<Token![;]>>()?;
        Ok(Input { attrs, vis, ident, generics, body: Body::Struct(fields), words })
    } else if kind.peek(Token![enum]) {
        input.parse::<Token![enum]>()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        generics.where_clause = input.parse()?;
        let content;
        braced!(content in input);
        let variants = list(&content, errors, |input| variant(input, errors));
        Ok(Input { attrs, vis, ident, generics, body: Body::Enum(variants), words })
    } else if kind.peek(Token![union]) {
        let union = input.parse()?;
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        generics.where_clause = input.parse()?;
        input.parse::<TokenTree>()?;
        Ok(Input { attrs, vis, ident, generics, body: Body::Union(union), words })
    } else {
        Err(kind.error())
    }
}

fn fields(input: ParseStream<'_>, errors: &Errors) -> syn::Result<FieldList> {
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        let mut list = list(&content, errors, Field::parse_named);
        // The compiler reports the second field of one name; one report is enough.
        let mut seen = HashSet::new();
        list.retain(|field| field.ident.as_ref().is_some_and(|name| seen.insert(name.clone())));
        Ok(FieldList { style: Style::Named, list })
    } else if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        // Fields without names are known by their place: behind an unreadable
        // one there is none that we could name.
        let mut list = Vec::new();
        while !content.is_empty() {
            match content.call(Field::parse_unnamed) {
                Ok(field) => list.push(field),
                Err(error) => {
                    errors.push(error);
                    content.parse::<TokenStream>()?;
                    break;
                }
            }
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(FieldList { style: Style::Tuple, list })
    } else {
        Ok(FieldList { style: Style::Unit, list: Vec::new() })
    }
}

fn variant(input: ParseStream<'_>, errors: &Errors) -> syn::Result<ParsedVariant> {
    let attrs = input.call(Attribute::parse_outer)?;
    let ident = input.parse()?;
    let fields = fields(input, errors)?;
    if input.parse::<Option<Token![=]>>()?.is_some() {
        Expr::parse(input)?;
    }
    Ok(ParsedVariant { attrs, ident, fields })
}

/// Parses the entries between commas. Behind an unreadable entry, searches for the next
/// readable one, token by token.
fn list<T>(
    input: ParseStream<'_>,
    errors: &Errors,
    parse: impl Fn(ParseStream<'_>) -> syn::Result<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    while !input.is_empty() {
        match entry(input, &parse) {
            Ok(entry) => found.push(entry),
            Err(error) => {
                errors.push(error);
                skip_to_entry(input, &parse);
            }
        }
    }
    found
}

fn entry<T>(
    input: ParseStream<'_>,
    parse: &impl Fn(ParseStream<'_>) -> syn::Result<T>,
) -> syn::Result<T> {
    let ahead = input.fork();
    let entry = parse(&ahead)?;
    if !ahead.is_empty() {
        ahead.parse::<Token![,]>()?;
    }
    input.advance_to(&ahead);
    Ok(entry)
}

fn skip_to_entry<T>(input: ParseStream<'_>, parse: &impl Fn(ParseStream<'_>) -> syn::Result<T>) {
    while input.parse::<TokenTree>().is_ok() && !input.is_empty() {
        if entry(&input.fork(), parse).is_ok() {
            break;
        }
    }
}
