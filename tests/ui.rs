//! What the compiler says: each file in `ui/fail` has the message it must get
//! beside it, and a twin in `ui/pass` that differs in the one thing.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
