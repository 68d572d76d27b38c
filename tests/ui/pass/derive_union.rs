use sprag::prelude::*;

#[derive(Model)]
enum Bits {
    Int(u32),
    Float(f32),
}

#[derive(Model)]
struct Register {
    bits: Bits,
}

fn main() {
    let _ = (Bits::PATHS, Register::PATHS.bits);
    let _ = (Bits::Int(0), Bits::Float(0.0));
}
