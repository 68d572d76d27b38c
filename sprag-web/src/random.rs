//! Names that cannot be guessed.

/// 128 bits from the operating system, in hexadecimal.
pub(crate) fn text() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the system gives random numbers");
    format!("{:032x}", u128::from_le_bytes(bytes))
}
