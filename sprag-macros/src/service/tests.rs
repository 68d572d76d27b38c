//! Unfinished services, as an editor passes them while the user types.

use quote::ToTokens as _;
use syn::{ImplItem, Item};

/// Expands `#[service(args)]` on `block`; returns the file and the number of reported
/// mistakes.
fn expanded(args: &str, block: &str) -> (syn::File, usize) {
    let (args, block) = (args.parse().expect("tokens"), block.parse().expect("tokens"));
    let expanded = super::expand(args, block);
    let mistakes = expanded.to_string().matches("compile_error").count();
    (syn::parse2(expanded).expect("the expansion is Rust"), mistakes)
}

/// The methods that remain in the user's own block.
fn methods(file: &syn::File) -> Vec<String> {
    let blocks = file.items.iter().filter_map(|item| match item {
        Item::Impl(block) => Some(block),
        _ => None,
    });
    let functions = blocks.flat_map(|block| &block.items).filter_map(|item| match item {
        ImplItem::Fn(function) => Some(function.sig.ident.to_string()),
        _ => None,
    });
    functions.collect()
}

fn is_wired(file: &syn::File, hook: &str) -> bool {
    file.to_token_stream().to_string().contains(&format!("__wiring . {hook} ("))
}

#[test]
fn an_unfinished_item_takes_no_other_with_it() {
    for half in ["async fn on_st", "pub", "fn", "#[listen]", "fn half(&self", "const X", "type T ="]
    {
        // Brackets that do not match never reach a macro.
        let half = half.replace("(&self", "(&self)");
        let block = format!(
            "impl Tv {{ fn new() -> Self {{ Tv }} {half} #[task] async fn follow(&self) {{}} pub \
             fn play(&self) {{}} }}"
        );
        let (file, mistakes) = expanded("", &block);
        let methods = methods(&file);
        for method in ["new", "follow", "play"] {
            assert!(methods.contains(&method.to_owned()), "{half}: {methods:?}");
        }
        assert!(mistakes > 0 || half == "#[listen]", "{half}");
    }
}

#[test]
fn an_unfinished_item_takes_no_hook_away() {
    let block =
        "impl Tv { fn new() -> Self { Tv } async fn on_st #[task] async fn follow(&self) {} }";
    let (file, mistakes) = expanded("", block);
    assert!(is_wired(&file, "task"));
    assert_eq!(mistakes, 1);
}

#[test]
fn a_body_is_passed_on_as_it_was_typed() {
    let block = "impl Tv { fn new() -> Self { Tv } fn play(&self) { self. } }";
    let expanded = super::expand("".parse().expect("none"), block.parse().expect("tokens"));
    let text = expanded.to_string();
    assert!(text.contains("{ self . }"), "{text}");
    assert!(!text.contains("compile_error"), "the compiler reports it");
}

#[test]
fn an_unfinished_option_takes_no_hook_away() {
    let block = "impl Tv { fn new() -> Self { Tv } fn on_start(&self) {} }";
    for args in ["ow", "own", "own =", "own()", "own(a,)", "depends_on(3)", "= 3", "own(a) dep"] {
        let (file, _) = expanded(args, block);
        assert!(is_wired(&file, "on_start_blocking"), "{args}");
    }
}

#[test]
fn all_mistakes_are_reported_in_one_run() {
    let block = "impl Tv { fn new(_n: u8) -> Self { Tv } #[lisen] fn a(&self) {} fn on_stop() {} }";
    assert_eq!(expanded("ow(a)", block).1, 4);
}

#[test]
fn what_is_no_block_is_passed_on_and_reported() {
    assert_eq!(expanded("", "pub struct Tv;").1, 1);
    assert_eq!(expanded("", "fn tv() {}").1, 1);
}
