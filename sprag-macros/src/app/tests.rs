//! Unfinished apps, as an editor passes them while the user types.

/// Expands `app!` with `source`; returns the text and the number of reported mistakes.
fn expanded(source: &str) -> (String, usize) {
    let expanded = super::expand(source.parse().expect("tokens"));
    syn::parse2::<syn::File>(expanded.clone()).expect("the expansion is Rust");
    let text = expanded.to_string();
    let mistakes = text.matches("compile_error").count();
    (text, mistakes)
}

#[test]
fn an_unfinished_app_is_a_type_all_the_same() {
    for source in ["pub Shop", "pub Shop(", "Shop(MailCfg)", "pub struct Shop { Mailer }", "Shop;"]
    {
        // Brackets that do not match never reach a macro.
        let source = source.trim_end_matches('(');
        let (text, mistakes) = expanded(source);
        assert!(text.contains("struct Shop"), "{source}");
        assert_eq!(mistakes, 1, "{source}");
    }
}

#[test]
fn an_unfinished_entry_takes_no_other_with_it() {
    for half in ["D as", "D as dyn", "as dyn Store", "Db<", "D D", "3", "Db as Store"] {
        // An open angle bracket includes the entries behind it.
        let source = format!("pub Shop {{ Mailer, {half} }}");
        let (text, mistakes) = expanded(&source);
        assert!(text.contains("= Mailer ;"), "{half}");
        assert_eq!(mistakes, 1, "{half}");
    }
}

#[test]
fn all_mistakes_are_reported_in_one_run() {
    let (text, mistakes) = expanded("pub Shop(Cfg, Cfg) { Mailer, 3, Mailer, Db } more");
    assert!(text.contains("= Db ;"));
    assert_eq!(mistakes, 4);
}

#[test]
fn what_has_no_name_is_reported_and_no_more() {
    assert_eq!(expanded("").1, 1);
    assert_eq!(expanded("{ Mailer }").1, 1);
}
