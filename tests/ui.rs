//! What the compiler says to a mistake. Each failing case has a passing twin that
//! differs in the one thing.

#[test]
fn each_mistake_is_one_error_at_its_token() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/*_ok.rs");
    cases.compile_fail("tests/ui/*_bad.rs");
}
