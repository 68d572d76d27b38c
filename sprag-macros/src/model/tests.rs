//! Items as an editor sees them: while they are being typed.

use quote::ToTokens;
use syn::{Item, ItemStruct};

/// The struct of that name in the expansion of `source`.
fn generated(source: &str, name: &str) -> ItemStruct {
    let expanded = super::expand(source.parse().expect("tokens"));
    let file: syn::File = syn::parse2(expanded).expect("the expansion is Rust");
    let found = file.items.into_iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == name => Some(item),
        _ => None,
    });
    found.expect("the struct was generated")
}

fn fields(item: &ItemStruct) -> Vec<String> {
    let names = item.fields.iter().filter_map(|field| field.ident.as_ref());
    names.map(ToString::to_string).filter(|name| name != "path").collect()
}

fn mistakes(source: &str) -> usize {
    let expanded = super::expand(source.parse().expect("tokens"));
    expanded.to_token_stream().to_string().matches("compile_error").count()
}

#[test]
fn an_unfinished_field_takes_no_other_with_it() {
    let cases = [
        "struct Tv { url: String, pos, casting: bool }",
        "struct Tv { url: String, pos: , casting: bool }",
        "struct Tv { url: String, pos casting: bool }",
        "struct Tv { url: String, pub casting: bool, pub }",
        "struct Tv { url: String, #[model(leaf)] casting: bool, pos: Option< }",
        "struct Tv { url: String, pos: Vec<u8>>, casting: bool }",
        "struct Tv { url: String, pos. , casting: bool }",
    ];
    for case in cases {
        assert_eq!(fields(&generated(case, "TvPaths")), ["url", "casting"], "{case}");
        assert_eq!(fields(&generated(case, "TvPatch")), ["url", "casting"], "{case}");
        assert!(mistakes(case) > 0, "{case}");
    }
}

#[test]
fn a_field_behind_an_open_bracket_is_found_again() {
    let paths = generated("struct Tv { url: Option<String, casting: bool }", "TvPaths");
    assert_eq!(fields(&paths), ["casting"]);
}

#[test]
fn an_unfinished_option_takes_no_path_away() {
    for option in ["ren", "rename", "rename =", "leaf,, skip", "crate =", "= 3"] {
        let source = format!("struct Tv {{ #[model({option})] url: String, casting: bool }}");
        assert!(fields(&generated(&source, "TvPaths")).contains(&"casting".to_owned()));
    }
}

#[test]
fn an_unfinished_variant_takes_no_other_with_it() {
    let source = "enum Media { Playing { url: String }, Fail(, Paused { at: u64 } }";
    // Brackets that do not match never reach a macro.
    assert!(source.parse::<proc_macro2::TokenStream>().is_err());
    let source = "enum Media { Playing { url: String, at }, Fail: , Paused { at: u64 } }";
    assert_eq!(fields(&generated(source, "MediaPaths")), ["playing", "paused"]);
}

#[test]
fn all_mistakes_are_reported_in_one_run() {
    let source = "
        #[model(skip, nonsense)]
        struct Tv { #[model(laef)] url: String, pos, #[model(skip, leaf)] casting: bool }";
    assert_eq!(mistakes(source), 5);
}

#[test]
fn what_has_no_head_is_reported_and_no_more() {
    assert_eq!(mistakes("fn tv() {}"), 1);
    assert_eq!(mistakes("struct"), 1);
}

/// The text of what the struct `name` has before its field `field`.
fn before(source: &str, name: &str, field: &str) -> String {
    let item = generated(source, name);
    let found = item.fields.iter().find(|f| f.ident.as_ref().is_some_and(|name| name == field));
    let syn::Field { attrs, vis, .. } = found.expect("the field was generated");
    quote::quote!(#(#attrs)* #vis).to_string()
}

#[test]
fn a_path_is_as_visible_as_its_field() {
    let source = "pub struct Tv { pub a: u8, pub(crate) b: u8, pub(in crate::tv) c: u8, d: u8 }";
    for name in ["TvPaths", "TvPatch"] {
        assert!(before(source, name, "a").ends_with("pub"));
        assert!(before(source, name, "b").ends_with("pub (crate)"));
        assert!(before(source, name, "c").ends_with("pub (in crate :: tv)"));
        assert!(!before(source, name, "d").contains("pub"));
    }
}

#[test]
fn a_path_says_what_its_field_says() {
    let source = "struct Tv { /// Where it plays from.\n #[deprecated] url: String }";
    for name in ["TvPaths", "TvPatch"] {
        let before = before(source, name, "url");
        assert!(before.contains("Where it plays from."), "{before}");
        assert!(before.contains("deprecated"), "{before}");
    }
}
