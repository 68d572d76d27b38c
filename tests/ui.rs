//! What the compiler says: each file in `ui/fail` has the message it must get
//! beside it, and a twin in `ui/pass` that differs in the one thing.
//!
//! The cases are of all parts of sprag, so all of it has to be there.
#![cfg(feature = "service")]

#[test]
fn each_mistake_is_one_error_at_its_token() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
